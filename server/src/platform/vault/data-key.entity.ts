import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn } from "../database/columns.ts";

/** A wrapped data key. Destroying `wrapped` and `commitment` makes everything sealed under it unreadable for ever. */
@Entity("data_key")
export class DataKey {
  /** 16 hex digits; stands in every sealed value. */
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  /** Keyed hash of the data subject, so that the table names nobody; the row's own id once the key is destroyed. */
  @Column({ type: "varchar" })
  subjectHash!: string;

  /** `yyyymm`, Asia/Shanghai. */
  @Column({ type: "varchar" })
  month!: string;

  @Column({ type: "varchar" })
  kekId!: string;

  @Column({ type: "blob", nullable: true })
  wrapped!: Buffer | null;

  @Column({ type: "blob", nullable: true })
  commitment!: Buffer | null;

  @Column(bigintColumn())
  createdAtMs!: number;

  @Column(bigintColumn({ nullable: true }))
  destroyedAtMs!: number | null;
}

import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn } from "../../platform/database/columns.ts";

/** A customer as WeCom described them last; only those who were looked at or named are kept. */
@Entity("customer")
export class CustomerRow {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  /** Sealed JSON: `CustomerProfile`. */
  @Column({ type: "blob" })
  profile!: Buffer;

  @Column(bigintColumn())
  syncedAtMs!: number;
}

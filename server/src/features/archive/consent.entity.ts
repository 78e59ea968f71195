import { Column, Entity } from "typeorm";
import { bigintColumn } from "../../platform/database/columns.ts";

/** A customer agreed to being archived, or refused, in a message of the archive itself. */
@Entity("consent_event")
export class ConsentEvent {
  /** Of the message. */
  @Column({ ...bigintColumn(), primary: true })
  seq!: number;

  @Column({ type: "varchar" })
  customerId!: string;

  /** Whose chat it is about; null in a group, where it is about all of it. */
  @Column({ type: "varchar", nullable: true })
  memberId!: string | null;

  @Column({ type: "varchar", nullable: true })
  roomId!: string | null;

  @Column({ type: "varchar" })
  state!: "agreed" | "refused";

  @Column(bigintColumn())
  atMs!: number;
}

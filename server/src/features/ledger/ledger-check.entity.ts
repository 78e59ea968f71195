import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn } from "../../platform/database/columns.ts";

/** One look through the whole ledger. */
@Entity("ledger_check")
export class LedgerCheckRow {
  /** Grows with the time. */
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column(bigintColumn())
  startedAtMs!: number;

  @Column(bigintColumn({ nullable: true }))
  finishedAtMs!: number | null;

  /** Percent. */
  @Column({ type: "int" })
  progress!: number;

  /** Places that are not what was recorded. */
  @Column({ type: "int" })
  broken!: number;
}

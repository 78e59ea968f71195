import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn } from "../../platform/database/columns.ts";

/** What lasts until somebody acts. */
export type TroubleKind = "not_pulled" | "undecodable";

/** How far administrators have been told of a trouble that lasts; the row goes when it is over. */
@Entity("archive_alarm")
export class AlarmRow {
  @PrimaryColumn({ type: "varchar" })
  kind!: TroubleKind;

  @Column(bigintColumn())
  sinceMs!: number;

  /** Of the escalation; 0 before the first card. */
  @Column({ type: "int" })
  step!: number;

  @Column(bigintColumn({ nullable: true }))
  toldAtMs!: number | null;
}

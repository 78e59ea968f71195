import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn } from "../../platform/database/columns.ts";

/** What somebody made of a suggestion. */
@Entity("rule_suggestion")
export class RuleSuggestion {
  /** Hash of the rule, its wording and the change: the same suggestion has the same id. */
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column({ type: "varchar" })
  ruleId!: string;

  @Column({ type: "varchar" })
  outcome!: "accepted" | "dismissed";

  /** Sealed JSON: the change, which may quote what people wrote, and the reason of a dismissal. */
  @Column({ type: "blob" })
  details!: Buffer;

  @Column({ type: "varchar" })
  decidedBy!: string;

  @Column(bigintColumn())
  decidedAtMs!: number;
}

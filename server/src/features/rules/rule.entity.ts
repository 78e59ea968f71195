import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn, jsonColumn } from "../../platform/database/columns.ts";
import type { RuleDraft } from "#shared/contract/rule";

/** A rule as it is in force (or switched off). */
@Entity("rule")
export class StoredRule {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column(jsonColumn())
  definition!: RuleDraft;

  @Column({ type: "boolean" })
  isEnabled!: boolean;

  /** Grows with each change of the definition. */
  @Column({ type: "int" })
  revision!: number;

  @Column({ type: "varchar" })
  updatedBy!: string;

  @Column(bigintColumn())
  updatedAtMs!: number;
}

/** Every wording that was ever in force; never changed. */
@Entity("rule_revision")
export class RuleRevision {
  @PrimaryColumn({ type: "varchar" })
  ruleId!: string;

  @PrimaryColumn({ type: "int" })
  revision!: number;

  @Column(jsonColumn())
  definition!: RuleDraft;
}

/** One row: `version` grows with every change to any rule, and tells each process to compile anew. */
@Entity("rule_set")
export class RuleSetVersion {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column(bigintColumn())
  version!: number;
}

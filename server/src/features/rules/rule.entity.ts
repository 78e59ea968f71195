import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn, jsonColumn } from "../../platform/database/columns.ts";
import type { RuleDraft } from "#shared/contract/rule";
import type { VersionKind } from "#shared/contract/rule-set";
import type { Snapshot } from "./snapshot.ts";

/** A rule of the working draft, which all administrators share. What is in force is a `RuleVersion`. */
@Entity("rule")
export class StoredRule {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column(jsonColumn())
  definition!: RuleDraft;

  @Column({ type: "boolean" })
  isEnabled!: boolean;

  /** Of the wording: the one published, or a newer one. */
  @Column({ type: "int" })
  revision!: number;

  @Column({ type: "varchar" })
  updatedBy!: string;

  @Column(bigintColumn())
  updatedAtMs!: number;
}

/** Every wording that was ever written; never changed. */
@Entity("rule_revision")
export class RuleRevision {
  @PrimaryColumn({ type: "varchar" })
  ruleId!: string;

  @PrimaryColumn({ type: "int" })
  revision!: number;

  @Column(jsonColumn())
  definition!: RuleDraft;
}

/** Which rules in which wording, by the hash of just that; never changed. */
@Entity("rule_snapshot")
export class RuleSnapshot {
  @PrimaryColumn({ type: "varchar" })
  hash!: string;

  @Column(jsonColumn())
  contents!: Snapshot;
}

/** What was in force from `publishedAtMs` until the next version; never changed. */
@Entity("rule_version")
export class RuleVersion {
  @PrimaryColumn({ type: "int" })
  number!: number;

  @Column({ type: "varchar" })
  snapshotHash!: string;

  @Column({ type: "varchar" })
  kind!: VersionKind;

  /** Who asked for it; the same as `publishedBy` where no second person was needed. */
  @Column({ type: "varchar" })
  requestedBy!: string;

  @Column({ type: "varchar" })
  publishedBy!: string;

  /** The version that it brings back. */
  @Column({ type: "int", nullable: true })
  restores!: number | null;

  @Column(bigintColumn())
  publishedAtMs!: number;
}

/** One row: the number of the version in force. It tells each process to compile anew, and is the lock of publishing. */
@Entity("rule_set")
export class RuleSetVersion {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column(bigintColumn())
  version!: number;
}

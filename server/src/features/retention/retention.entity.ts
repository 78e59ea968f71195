import { Column, Entity, PrimaryColumn } from "typeorm";
import type { RetentionClassId, RetentionDays } from "#shared/contract/retention";
import { bigintColumn, jsonColumn } from "../../platform/database/columns.ts";

/** One version of how long what is kept. Never changed. */
@Entity("retention_policy")
export class PolicyRow {
  /** From 1 on; 0 are the defaults. */
  @PrimaryColumn({ type: "int" })
  version!: number;

  @Column(jsonColumn())
  days!: RetentionDays;

  /** Sealed. */
  @Column({ type: "blob" })
  reason!: Buffer;

  @Column({ type: "varchar" })
  changedBy!: string;

  @Column(bigintColumn())
  changedAtMs!: number;
}

/** Keeps what is about somebody or something from being destroyed, until it is released. */
@Entity("legal_hold")
export class LegalHold {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column({ type: "varchar" })
  kind!: "person" | "conversation" | "case";

  @Column({ type: "varchar" })
  targetId!: string;

  /** What a hold on a conversation or a case keeps; null for a person. */
  @Column({ type: "varchar", nullable: true })
  conversationId!: string | null;

  /** Sealed. */
  @Column({ type: "blob" })
  reason!: Buffer;

  @Column({ type: "varchar" })
  placedBy!: string;

  @Column(bigintColumn())
  placedAtMs!: number;

  /** Sealed. */
  @Column({ type: "blob", nullable: true })
  releaseReason!: Buffer | null;

  @Column({ type: "varchar", nullable: true })
  releasedBy!: string | null;

  @Column(bigintColumn({ nullable: true }))
  releasedAtMs!: number | null;
}

/** One night's destruction, by the policy and the day on which it began. */
@Entity("retention_run")
export class RunRow {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column({ type: "int" })
  policyVersion!: number;

  /** See `shanghai-day.ts`. */
  @Column({ type: "int" })
  today!: number;

  @Column({ type: "varchar" })
  state!: "running" | "done" | "out_of_time";

  @Column(bigintColumn())
  keysDestroyed!: number;

  @Column(bigintColumn())
  startedAtMs!: number;

  @Column(bigintColumn())
  untilMs!: number;

  @Column(bigintColumn({ nullable: true }))
  finishedAtMs!: number | null;
}

/** What a run has destroyed of one class; counted in the transactions that destroy it. */
@Entity("retention_result")
export class ResultRow {
  @PrimaryColumn({ type: "varchar" })
  runId!: string;

  @PrimaryColumn({ type: "varchar" })
  classId!: RetentionClassId;

  @Column(bigintColumn())
  destroyed!: number;

  /** Their time was over, and a hold kept them. */
  @Column(bigintColumn())
  held!: number;

  /** Days on which the destroyed things came; see `shanghai-day.ts`. */
  @Column({ type: "int", nullable: true })
  fromDay!: number | null;

  @Column({ type: "int", nullable: true })
  toDay!: number | null;
}

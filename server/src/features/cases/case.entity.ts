import { Column, Entity, PrimaryColumn } from "typeorm";
import type { MessageSpeaker, RuleLevel } from "#shared/rules/rule";
import { bigintColumn } from "../../platform/database/columns.ts";

export type CaseState = "open" | "handled" | "false_alarm";

/** One rule that one message broke, or one act that is no message. */
@Entity("hit")
export class Hit {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  /** See `Occasion`. */
  @Column(bigintColumn({ nullable: true }))
  messageSeq!: number | null;

  @Column({ type: "varchar", nullable: true })
  eventId!: string | null;

  @Column({ type: "varchar" })
  ruleId!: string;

  @Column({ type: "int" })
  ruleRevision!: number;

  @Column({ type: "varchar" })
  level!: RuleLevel;

  /** Sealed JSON: where in the message, which words, and how that came about. */
  @Column({ type: "blob" })
  spans!: Buffer;

  @Column({ type: "varchar" })
  conversationId!: string;

  @Column(bigintColumn())
  sentAtMs!: number;

  /** Found only when history was gone through again (回溯). */
  @Column({ type: "boolean", default: false })
  isLookBack!: boolean;
}

/** A matter for a manager: one message or act with all its hits, decided once. */
@Entity("supervision_case")
export class SupervisionCase {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  /** See `Occasion`. */
  @Column(bigintColumn({ nullable: true }))
  messageSeq!: number | null;

  @Column({ type: "varchar", nullable: true })
  eventId!: string | null;

  @Column({ type: "varchar" })
  conversationId!: string;

  /** Whose conversation it is; their managers decide. */
  @Column({ type: "varchar" })
  memberId!: string;

  @Column({ type: "varchar", nullable: true })
  customerId!: string | null;

  /** Whose words they are, or whose act. */
  @Column({ type: "varchar" })
  speaker!: MessageSpeaker;

  /** The gravest of its hits. */
  @Column({ type: "varchar" })
  level!: RuleLevel;

  @Column({ type: "varchar" })
  state!: CaseState;

  @Column({ type: "varchar", nullable: true })
  decidedBy!: string | null;

  @Column(bigintColumn({ nullable: true }))
  decidedAtMs!: number | null;

  @Column(bigintColumn())
  sentAtMs!: number;

  @Column(bigintColumn())
  createdAtMs!: number;

  /** None of its hits was found when it was said; nobody was told of it. */
  @Column({ type: "boolean", default: false })
  isLookBack!: boolean;
}

/**
 * The card that tells one manager of one case; its id is WeCom's `task_id`.
 * waiting → pushed → (tapped or decided elsewhere) → updated; stale when WeCom no longer lets us change it.
 */
@Entity("case_card")
export class CaseCard {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column({ type: "varchar" })
  caseId!: string;

  @Column({ type: "varchar" })
  managerId!: string;

  @Column({ type: "varchar" })
  state!: "waiting" | "pushed" | "updated" | "stale";

  /** Sealed. Changes the card once, within 72 hours. */
  @Column({ type: "blob", nullable: true })
  responseCode!: Buffer | null;

  @Column(bigintColumn({ nullable: true }))
  pushedAtMs!: number | null;
}

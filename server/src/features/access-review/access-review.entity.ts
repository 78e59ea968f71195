import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn } from "../../platform/database/columns.ts";
import type { Place } from "../../platform/vault/vault.ts";

/** One time that all rights are looked through. */
@Entity("access_review")
export class AccessReview {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column({ type: "varchar" })
  kind!: "quarterly" | "asked";

  /** `system` when it began by itself. */
  @Column({ type: "varchar" })
  startedBy!: string;

  /** These times are the database's: two servers must not disagree on when the time is over. */
  @Column(bigintColumn())
  startedAtMs!: number;

  @Column(bigintColumn())
  dueAtMs!: number;

  @Column(bigintColumn({ nullable: true }))
  closedAtMs!: number | null;

  /** `open` or null; unique, so that one is open at a time. */
  @Column({ type: "varchar", nullable: true })
  openSlot!: "open" | null;

  /** How many reminders have gone out. */
  @Column({ type: "int" })
  reminders!: number;
}

/** One right in one campaign. Whose and which it is stands in the grant. */
@Entity("access_review_item")
export class AccessReviewItem {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column({ type: "varchar" })
  reviewId!: string;

  @Column({ type: "varchar" })
  grantId!: string;

  @Column({ type: "varchar" })
  state!: "waiting" | "kept" | "ended" | "suspended" | "gone";

  @Column({ type: "varchar", nullable: true })
  decidedBy!: string | null;

  @Column(bigintColumn({ nullable: true }))
  decidedAtMs!: number | null;

  /** Sealed. */
  @Column({ type: "blob", nullable: true })
  reason!: Buffer | null;
}

export function reasonPlace(itemId: string): Place {
  return { table: "access_review_item", column: "reason", rowId: itemId };
}

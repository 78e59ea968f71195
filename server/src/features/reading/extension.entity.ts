import { Column, Entity, PrimaryColumn } from "typeorm";
import type { ExtensionState } from "#shared/contract/reading-extension";
import { bigintColumn } from "../../platform/database/columns.ts";
import type { Place } from "../../platform/vault/vault.ts";

/** What somebody was shown on a day (Asia/Shanghai) without a second person's yes. */
@Entity("shown_message")
export class ShownMessage {
  @PrimaryColumn({ type: "varchar" })
  readerId!: string;

  @PrimaryColumn({ type: "int" })
  day!: number;

  @Column({ ...bigintColumn(), primary: true })
  seq!: number;

  @Column({ type: "varchar" })
  conversationId!: string;
}

/** That somebody may read more of a conversation than others may, for some days: asked for, then approved by another. */
@Entity("reading_extension")
export class ReadingExtension {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  /** `active` also when it has run out and the clock has not passed by yet. */
  @Column({ type: "varchar" })
  state!: ExtensionState;

  @Column({ type: "varchar" })
  readerId!: string;

  @Column({ type: "varchar" })
  conversationId!: string;

  /** Messages sent at or after this, and before `toMs`. */
  @Column(bigintColumn())
  fromMs!: number;

  @Column(bigintColumn())
  toMs!: number;

  /** For how long, from the approval on. */
  @Column({ type: "int" })
  days!: number;

  /** Sealed. */
  @Column({ type: "blob" })
  purpose!: Buffer;

  @Column(bigintColumn())
  requestedAtMs!: number;

  @Column({ type: "varchar", nullable: true })
  approvedBy!: string | null;

  @Column(bigintColumn({ nullable: true }))
  startedAtMs!: number | null;

  @Column(bigintColumn({ nullable: true }))
  endsAtMs!: number | null;

  /** Before its time, or found to have run out. */
  @Column(bigintColumn({ nullable: true }))
  endedAtMs!: number | null;

  @Column({ type: "varchar", nullable: true })
  endedBy!: string | null;
}

export function extensionPlace(id: string): Place {
  return { table: "reading_extension", column: "purpose", rowId: id };
}

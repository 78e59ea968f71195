import { Column, Entity, PrimaryColumn } from "typeorm";
import type { ReadingKind } from "#shared/contract/reading";
import { bigintColumn } from "../../platform/database/columns.ts";
import type { Place } from "../../platform/vault/vault.ts";

/**
 * That somebody came to see what others said, and why: a conversation opened, a search, a second person's yes to more
 * (`bulk`). Written before anything is shown; never changed.
 */
@Entity("reading")
export class ReadingRow {
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column({ type: "varchar" })
  kind!: ReadingKind;

  @Column({ type: "varchar" })
  readerId!: string;

  /** Null for a search. */
  @Column({ type: "varchar", nullable: true })
  conversationId!: string | null;

  /** Sealed. */
  @Column({ type: "blob" })
  purpose!: Buffer;

  /** Sealed JSON of what was searched for and where: `SearchWish`. Null when a conversation was opened. */
  @Column({ type: "blob", nullable: true })
  search!: Buffer | null;

  @Column(bigintColumn())
  startedAtMs!: number;
}

/** A member whose chats a reading concerned, so that they can be told. */
@Entity("reading_subject")
export class ReadingSubject {
  @PrimaryColumn({ type: "varchar" })
  memberId!: string;

  @Column({ ...bigintColumn(), primary: true })
  startedAtMs!: number;

  @PrimaryColumn({ type: "varchar" })
  readingId!: string;
}

export function readingPlace(id: string, column: "purpose" | "search"): Place {
  return { table: "reading", column, rowId: id };
}

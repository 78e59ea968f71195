import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn } from "../../platform/database/columns.ts";

/**
 * What became of the items of one conversation that came on one day. Always
 * `pulled = stored + duplicated + undecodable + excluded + expired`, written by the transaction that it counts.
 */
@Entity("archive_books")
export class BookRow {
  /** See `shanghai-day.ts`. */
  @PrimaryColumn({ type: "int" })
  day!: number;

  /** As of a message, or one of the names in `archive-books.ts`. */
  @PrimaryColumn({ type: "varchar" })
  conversationId!: string;

  @Column(bigintColumn())
  pulled!: number;

  @Column(bigintColumn())
  stored!: number;

  /** Came again, by seq or by message id. */
  @Column(bigintColumn())
  duplicated!: number;

  /** Kept as received and waiting. */
  @Column(bigintColumn())
  undecodable!: number;

  /** Kept as received; an administrator has decided to wait no longer. */
  @Column(bigintColumn())
  excluded!: number;

  /** Destroyed when its time was over. */
  @Column(bigintColumn())
  expired!: number;
}

/** What the cursor passed on one day. */
@Entity("archive_day")
export class ArchiveDay {
  @PrimaryColumn({ type: "int" })
  day!: number;

  @Column(bigintColumn())
  firstSeq!: number;

  @Column(bigintColumn())
  lastSeq!: number;

  @Column(bigintColumn())
  pages!: number;

  /** Places where numbers were left out: WeCom counts the whole corp, so that is normal. */
  @Column(bigintColumn())
  gaps!: number;

  /** Numbers that were left out, in all. */
  @Column(bigintColumn())
  skipped!: number;

  @Column(bigintColumn())
  widestGap!: number;

  @Column(bigintColumn())
  lastPageAtMs!: number;
}

import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn } from "../../platform/database/columns.ts";
import type { OpenFailure } from "../../wecom/archive-source.ts";
import type { SenderKind } from "./archived-message.ts";

/** A message of the chat archive. */
@Entity("message")
export class Message {
  /** WeCom's position of the message in the corp's archive; has gaps. */
  @Column({ ...bigintColumn(), primary: true })
  seq!: number;

  @Column({ type: "varchar" })
  msgId!: string;

  @Column({ type: "varchar" })
  conversationId!: string;

  @Column({ type: "varchar" })
  senderId!: string;

  @Column({ type: "varchar" })
  senderKind!: SenderKind;

  @Column({ type: "varchar", nullable: true })
  memberId!: string | null;

  @Column({ type: "varchar", nullable: true })
  customerId!: string | null;

  @Column({ type: "varchar", nullable: true })
  roomId!: string | null;

  @Column({ type: "varchar" })
  action!: string;

  @Column({ type: "varchar" })
  kind!: string;

  /** Counts the messages of its conversation from 1, in the order of storing; 0 for what is said to nobody. */
  @Column({ ...bigintColumn(), default: 0 })
  ordinal!: number;

  @Column(bigintColumn())
  sentAtMs!: number;

  @Column(bigintColumn())
  receivedAtMs!: number;

  @Column(bigintColumn({ nullable: true }))
  recalledAtMs!: number | null;

  @Column({ type: "int" })
  keyVersion!: number;

  /** The whole decrypted JSON, sealed. */
  @Column({ type: "blob" })
  body!: Buffer;
}

/** An item that could not be opened: kept as received until a later try stores its message. */
@Entity("undecodable")
export class Undecodable {
  @Column({ ...bigintColumn(), primary: true })
  seq!: number;

  @Column({ type: "varchar" })
  msgId!: string;

  @Column({ type: "int" })
  keyVersion!: number;

  @Column({ type: "varchar" })
  reason!: OpenFailure;

  /** JSON of the item, sealed. */
  @Column({ type: "blob" })
  item!: Buffer;

  @Column(bigintColumn())
  receivedAtMs!: number;

  @Column({ type: "int" })
  attempts!: number;

  /** When it stopped waiting: its message is stored, or it was excluded. */
  @Column(bigintColumn({ nullable: true }))
  resolvedAtMs!: number | null;

  /** The administrator who decided to wait no longer. */
  @Column({ type: "varchar", nullable: true })
  excludedBy!: string | null;
}

/** That a message or an item was destroyed when its time was over: its number and nothing else of it. */
@Entity("destroyed_message")
export class DestroyedMessage {
  @Column({ ...bigintColumn(), primary: true })
  seq!: number;
}

/** How far the archive has been pulled. Moves in the transaction that stores what it passes, or not at all. */
@Entity("archive_cursor")
export class ArchiveCursor {
  @PrimaryColumn({ type: "varchar" })
  corpId!: string;

  /** The last seq that is stored; WeCom answers from the next one on. */
  @Column(bigintColumn())
  seq!: number;

  /** Of the newest lease that wrote; an older one may not. */
  @Column(bigintColumn())
  fence!: number;

  /** When WeCom answered last. */
  @Column(bigintColumn({ nullable: true }))
  pulledAtMs!: number | null;

  /** See `pull-failure.ts`; null since the last pull that went well. */
  @Column({ type: "varchar", nullable: true })
  lastError!: string | null;

  @Column(bigintColumn({ nullable: true }))
  failedAtMs!: number | null;
}

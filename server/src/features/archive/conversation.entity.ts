import { Column, Entity, PrimaryColumn } from "typeorm";
import { bigintColumn } from "../../platform/database/columns.ts";

/** With a customer, in a group, or between two inside the corp. */
export type ConversationKind = "single" | "group" | "internal";

/** What the archive has of one conversation; kept in the transactions that store its messages. */
@Entity("conversation")
export class Conversation {
  /** See `ArchivedMessage.conversationId`. */
  @PrimaryColumn({ type: "varchar" })
  id!: string;

  @Column({ type: "varchar" })
  kind!: ConversationKind;

  /** Of a single chat. */
  @Column({ type: "varchar", nullable: true })
  customerId!: string | null;

  @Column({ type: "varchar", nullable: true })
  roomId!: string | null;

  @Column(bigintColumn())
  messageCount!: number;

  @Column(bigintColumn())
  firstAtMs!: number;

  @Column(bigintColumn())
  lastAtMs!: number;

  /** Messages that were destroyed when their time was over, and when the last of them was sent. */
  @Column(bigintColumn())
  expiredCount!: number;

  @Column(bigintColumn({ nullable: true }))
  expiredToMs!: number | null;
}

/** Somebody who has spoken there; in a single chat with a customer also who was only written to. */
@Entity("conversation_party")
export class ConversationParty {
  @PrimaryColumn({ type: "varchar" })
  conversationId!: string;

  @PrimaryColumn({ type: "varchar" })
  partyId!: string;

  /** Otherwise a customer. */
  @Column({ type: "boolean" })
  isMember!: boolean;
}

import { DestroyedKeyError } from "../../platform/vault/vault.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import { readMessageParts } from "../../wecom/archive-message.ts";
import { textOf } from "../../wecom/message-part.ts";
import type { MessagePart } from "../../wecom/message-part.ts";
import type { SenderKind } from "./archived-message.ts";
import { placeOfBody } from "./sealed-places.ts";

/** A message as somebody who may read it sees it. */
export interface StoredMessage {
  seq: number;
  conversationId: string;
  senderId: string;
  speaker: SenderKind;
  kind: string;
  /** Null when its key was destroyed on purpose. */
  text: string | null;
  sentAtMs: number;
  recalledAtMs: number | null;
}

/** The same with all that it holds. */
export interface OpenedMessage extends StoredMessage {
  /** None when it was destroyed on purpose. */
  parts: MessagePart[];
}

/** What is sealed of a message. Rows are as the drivers hand them over: MySQL's gives large integers as text. */
export interface SealedRow {
  seq: string | number;
  sent_at_ms: string | number;
  body: Buffer;
}

export interface MessageRow {
  seq: string | number;
  conversation_id: string;
  sender_id: string;
  sender_kind: SenderKind;
  kind: string;
  sent_at_ms: string | number;
  recalled_at_ms: string | number | null;
}

/** All of `MessageRow`, for a row `m` of the table `message`. */
export const messageColumns =
  "m.seq, m.conversation_id, m.sender_id, m.sender_kind, m.kind, m.sent_at_ms, m.recalled_at_ms";

export function toStoredMessage(row: MessageRow, text: string | null): StoredMessage {
  return {
    seq: Number(row.seq),
    conversationId: row.conversation_id,
    senderId: row.sender_id,
    speaker: row.sender_kind,
    kind: row.kind,
    text,
    sentAtMs: Number(row.sent_at_ms),
    recalledAtMs: row.recalled_at_ms === null ? null : Number(row.recalled_at_ms),
  };
}

/** The message's JSON; null when its key was destroyed on purpose. */
export async function openBody(vault: Vault, row: SealedRow): Promise<string | null> {
  try {
    return await vault.openText(placeOfBody(Number(row.seq)), row.body);
  } catch (error) {
    if (error instanceof DestroyedKeyError) return null;
    throw error;
  }
}

export async function openStored(
  vault: Vault,
  row: MessageRow & SealedRow,
): Promise<OpenedMessage> {
  const json = await openBody(vault, row);
  const parts = json === null ? [] : readMessageParts(json);
  return { ...toStoredMessage(row, json === null ? null : textOf(parts)), parts };
}

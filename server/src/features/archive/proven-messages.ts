import type { Database } from "../../platform/database/database.ts";
import { proveOutline } from "../../platform/ledger/secret-leaf.ts";
import type { Tree } from "../../platform/ledger/tree.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import { findLeaves, leafOfMessage, recordOf } from "./message-leaves.ts";
import type { LedgerMessage } from "./message-leaves.ts";
import { placeOfBody } from "./sealed-places.ts";
import { openBody } from "./stored-message.ts";

/** What was said in one conversation from a moment up to another, the latter not included. */
export interface ConversationRange {
  conversationId: string;
  fromMs: number;
  toMs: number;
}

/** Whom a message is from, as the archive knows it. */
export interface MessageFacts {
  senderId: string;
  kind: string;
  recalledAtMs: number | null;
}

/**
 * One message of a range, or one that stands between or beside them, with what proves it. `outline` ones lie outside
 * of the range: they show their place and time and nothing else. `gone` ones were destroyed in their time.
 */
export type ProvenMessage =
  | (Proven & { form: "whole"; message: LedgerMessage; salt: string; facts: MessageFacts })
  | (Proven & { form: "outline"; outlineSalt: string; contentHash: string })
  | { form: "gone"; ordinal: number };

interface Proven {
  ordinal: number;
  sentAtMs: number;
  position: number;
  /** In hexadecimal, from the leaf up. */
  proof: string[];
}

/** A range by ordinals, with the neighbour on either side. */
export interface RangeExtent {
  first: number;
  last: number;
  /** How many the conversation has ever had. */
  total: number;
  /** In the range itself, of those that are still there. */
  messages: number;
}

export interface ProvenMessages {
  /** Null when nothing was said there in that time. */
  measure(range: ConversationRange): Promise<RangeExtent | null>;
  /** In the order of ordinals. Throws `UnprovenMessageError`. */
  prove(
    range: ConversationRange,
    extent: RangeExtent,
    tree: Tree,
    size: number,
  ): AsyncGenerator<ProvenMessage, void, undefined>;
}

/** What is stored is not what was recorded: somebody has changed it. */
export class UnprovenMessageError extends Error {
  override name = "UnprovenMessageError";
}

interface Row {
  seq: string | number;
  msg_id: string;
  key_version: number;
  received_at_ms: string | number;
  sent_at_ms: string | number;
  ordinal: string | number;
  sender_id: string;
  kind: string;
  recalled_at_ms: string | number | null;
  body: Buffer;
}

interface Opened {
  message: LedgerMessage;
  salt: Buffer;
  leaf: Buffer;
  facts: MessageFacts;
}

const STEP = 200;

export function createProvenMessages({
  database,
  vault,
}: {
  database: Database;
  vault: Vault;
}): ProvenMessages {
  async function openRow(conversationId: string, row: Row): Promise<Opened | null> {
    const [seq, sentAtMs] = [Number(row.seq), Number(row.sent_at_ms)];
    const json = await openBody(vault, { seq, sent_at_ms: sentAtMs, body: row.body });
    if (json === null) return null;
    const message = {
      seq,
      msgId: row.msg_id,
      keyVersion: row.key_version,
      receivedAtMs: Number(row.received_at_ms),
      json,
      conversationId,
      ordinal: Number(row.ordinal),
      sentAtMs,
    };
    const salt = await vault.saltOf(placeOfBody(seq), row.body);
    const { sender_id: senderId, kind, recalled_at_ms: recalled } = row;
    const facts = { senderId, kind, recalledAtMs: recalled === null ? null : Number(recalled) };
    return { message, salt, leaf: leafOfMessage(message, salt), facts };
  }

  async function openStep(id: string, from: number, to: number): Promise<Map<number, Opened>> {
    const rows = await database.read.query<Row[]>(
      `SELECT seq, msg_id, key_version, received_at_ms, sent_at_ms, ordinal, sender_id, kind,
         recalled_at_ms, body
       FROM message WHERE conversation_id = ? AND ordinal >= ? AND ordinal <= ? ORDER BY ordinal`,
      [id, from, to],
    );
    const opened = await Promise.all(rows.map((row) => openRow(id, row)));
    return new Map(opened.flatMap((one) => (one ? [[one.message.ordinal, one]] : [])));
  }

  return {
    async measure({ conversationId, fromMs, toMs }) {
      const [inside] = await database.read.query<
        { first: string | number | null; last: string | number | null; n: string | number }[]
      >(
        `SELECT MIN(ordinal) AS first, MAX(ordinal) AS last, COUNT(*) AS n FROM message
         WHERE conversation_id = ? AND ordinal > 0 AND sent_at_ms >= ? AND sent_at_ms < ?`,
        [conversationId, fromMs, toMs],
      );
      const [conversation] = await database.read.query<{ ever: string | number }[]>(
        "SELECT message_count + expired_count AS ever FROM conversation WHERE id = ?",
        [conversationId],
      );
      if (!conversation || inside?.first === null || inside?.first === undefined) return null;
      const total = Number(conversation.ever);
      return {
        first: Math.max(1, Number(inside.first) - 1),
        last: Math.min(total, Number(inside.last) + 1),
        total,
        messages: Number(inside.n),
      };
    },

    async *prove({ conversationId, fromMs, toMs }, { first, last }, tree, size) {
      for (let from = first; from <= last; from += STEP) {
        const to = Math.min(last, from + STEP - 1);
        const opened = await openStep(conversationId, from, to);
        const places = await findLeaves(
          database,
          tree,
          [...opened.values()].map(({ message, leaf }) => ({ seq: message.seq, leaf })),
        );
        for (let ordinal = from; ordinal <= to; ordinal += 1) {
          const one = opened.get(ordinal);
          if (!one) {
            yield { form: "gone", ordinal };
            continue;
          }
          const position = places.get(one.message.seq);
          if (position === undefined) {
            throw new UnprovenMessageError(`message ${one.message.seq} is not what was recorded`);
          }
          const { message, salt, facts } = one;
          const { sentAtMs } = message;
          const proof = (await tree.inclusion(position, size)).map((hash) => hash.toString("hex"));
          const proven = { ordinal, sentAtMs, position, proof };
          if (sentAtMs >= fromMs && sentAtMs < toMs) {
            yield { form: "whole", ...proven, message, salt: salt.toString("hex"), facts };
          } else {
            const outline = proveOutline(salt, recordOf(message).content);
            const shown = { outlineSalt: outline.salt, contentHash: outline.content };
            yield { form: "outline", ...proven, ...shown };
          }
        }
      }
    },
  };
}

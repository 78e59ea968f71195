import { LRUCache } from "lru-cache";
import type { Sibling } from "#shared/rules/window";
import type { Database } from "../../platform/database/database.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import { readArchiveMessage } from "../../wecom/archive-message.ts";
import type { ArchivedMessage } from "./archived-message.ts";
import { marksFor } from "./known-messages.ts";
import { RepeatedMessageError } from "./repeated-message.ts";
import { openBody } from "./stored-message.ts";
import type { SealedRow } from "./stored-message.ts";

/** How far rules look beyond a message. */
export interface Reach {
  /** With the message itself. */
  messages: number;
  minutes: number;
}

/** The other messages of those who speak in a page. The table says which there are, always; only their texts are kept. */
export interface Neighbours {
  around(page: readonly ArchivedMessage[], reach: Reach): Promise<Neighbourhood>;
}

export interface Neighbourhood {
  /** Those nearest to a message that were there before it came; those of its page come in the page's order. */
  of(message: ArchivedMessage): Promise<{ before: Sibling[]; after: Sibling[] }>;
  /**
   * Called in the transaction that stores the page, which holds the rows of its conversations: throws when somebody
   * else has stored a neighbour since, so that of two that belong together one always sees the other.
   */
  confirm(): Promise<void>;
}

interface Placed {
  seq: number;
  sentAtMs: number;
}

/** Texts of messages that came lately; what is missing is opened. */
const KEPT_TEXTS = 50_000;
const KEPT_UNITS = 8_000_000;
/** A query names at most so many conversations or messages. */
const CHUNK = 400;

export function createNeighbours({
  database,
  vault,
}: {
  database: Database;
  vault: Vault;
}): Neighbours {
  const texts = new LRUCache<number, string>({
    max: KEPT_TEXTS,
    maxSize: KEPT_UNITS,
    sizeCalculation: (text) => text.length + 1,
  });

  /** What is stored of the page's speakers, each in the order of sending. */
  async function listStored(
    page: readonly ArchivedMessage[],
    minutes: number,
  ): Promise<Map<string, Placed[]>> {
    const speakers = new Map<string, Placed[]>(page.map((message) => [speakerOf(message), []]));
    const conversations = [...new Set(page.map(({ conversationId }) => conversationId))];
    const times = page.map(({ sentAtMs }) => sentAtMs);
    const spanMs = minutes * 60_000;
    const between = [Math.min(...times) - spanMs, Math.max(...times) + spanMs];
    for (let from = 0; from < conversations.length; from += CHUNK) {
      const some = conversations.slice(from, from + CHUNK);
      const rows = await database.read.query<StoredRow[]>(
        `SELECT seq, conversation_id, sender_id, sent_at_ms FROM message
         WHERE conversation_id IN (${marksFor(some)}) AND sent_at_ms BETWEEN ? AND ? AND action = 'send'`,
        [...some, ...between],
      );
      for (const row of rows) {
        const placed = { seq: Number(row.seq), sentAtMs: Number(row.sent_at_ms) };
        const key = speakerOf({ conversationId: row.conversation_id, senderId: row.sender_id });
        speakers.get(key)?.push(placed);
      }
    }
    for (const placed of speakers.values()) placed.sort(byTime);
    return speakers;
  }

  async function openTexts(seqs: readonly number[]): Promise<void> {
    const missing = seqs.filter((seq) => !texts.has(seq));
    for (let from = 0; from < missing.length; from += CHUNK) {
      const some = missing.slice(from, from + CHUNK);
      const rows = await database.read.query<SealedRow[]>(
        `SELECT seq, sent_at_ms, body FROM message WHERE seq IN (${marksFor(some)})`,
        some,
      );
      for (const row of rows) {
        const json = await openBody(vault, row);
        texts.set(Number(row.seq), json === null ? "" : (readArchiveMessage(json)?.text ?? ""));
      }
    }
  }

  return {
    async around(page, { messages, minutes }) {
      const speakers = await listStored(page, minutes);
      const known = new Set([...speakers.values()].flat().map(({ seq }) => seq));
      const others = messages - 1;
      const spanMs = minutes * 60_000;
      return {
        async of(message) {
          const line = speakers.get(speakerOf(message)) ?? [];
          const at = line.filter((one) => byTime(one, message) < 0).length;
          const isNear = ({ sentAtMs }: Placed): boolean =>
            Math.abs(sentAtMs - message.sentAtMs) <= spanMs;
          const before = line.slice(Math.max(0, at - others), at).filter(isNear);
          const after = line.slice(at, at + others).filter(isNear);
          await openTexts([...before, ...after].map(({ seq }) => seq));
          // What was taken back is nothing that was said: the table's query leaves it out, too.
          if (message.recalledMsgId === null) {
            line.splice(at, 0, { seq: message.seq, sentAtMs: message.sentAtMs });
          }
          texts.set(message.seq, message.text);
          const toSibling = ({ seq, sentAtMs }: Placed): Sibling => ({
            id: seq,
            text: texts.get(seq) ?? "",
            sentAtMs,
          });
          return { before: before.map(toSibling), after: after.map(toSibling) };
        },
        async confirm() {
          const now = [...(await listStored(page, minutes)).values()].flat();
          if (now.some(({ seq }) => !known.has(seq))) throw new RepeatedMessageError();
        },
      };
    },
  };
}

interface StoredRow {
  seq: string | number;
  conversation_id: string;
  sender_id: string;
  sent_at_ms: string | number;
}

function speakerOf(one: Pick<ArchivedMessage, "conversationId" | "senderId">): string {
  return `${one.conversationId} ${one.senderId}`;
}

function byTime(a: Placed, b: Placed): number {
  return a.sentAtMs - b.sentAtMs || a.seq - b.seq;
}

import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "../../platform/database/database.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import { readArchiveMessage } from "../../wecom/archive-message.ts";
import { allOf, besides, condition, messageCondition } from "./conversation-query.ts";
import type { MessageFilter, MessagePlace } from "./conversation-query.ts";
import { marksFor } from "./known-messages.ts";
import { messageColumns, openBody, toStoredMessage } from "./stored-message.ts";
import type { MessageRow, SealedRow, StoredMessage } from "./stored-message.ts";

/** What one step of a search has gone through. */
export interface SearchStep {
  scanned: number;
  /** Of those, how many nobody can read any more. */
  erased: number;
  found: StoredMessage[];
}

export interface MessageSearch {
  /**
   * Opens the messages of these conversations, one after the other, newest first in each, and yields those whose
   * text contains `text` exactly. Other work gets its turn between two steps; whoever stops asking ends the search.
   */
  search(
    conversations: readonly { id: string; messageCount: number }[],
    filter: MessageFilter,
    text: string,
  ): AsyncGenerator<SearchStep, void>;
}

/** Messages a step: some 10 ms of work. */
const STEP = 500;

/**
 * Nothing of what people said lies readable anywhere, so a search opens what it looks through. It is exact for any
 * text, leaks nothing at rest, and costs about as much as the decryption (see the bench).
 */
export function createMessageSearch({
  database,
  vault,
}: {
  database: Database;
  vault: Vault;
}): MessageSearch {
  /** Only one conversation can be longer than a step; several are read whole, in any order. */
  async function readBodies(
    conversationIds: readonly string[],
    filter: MessageFilter,
    before?: MessagePlace,
  ): Promise<SealedRow[]> {
    const where = allOf([
      condition(`m.conversation_id IN (${marksFor(conversationIds)})`, ...conversationIds),
      messageCondition(filter),
      ...(before ? [besides(before, "older")] : []),
    ]);
    const page = `ORDER BY m.sent_at_ms DESC, m.seq DESC LIMIT ${STEP}`;
    return await database.read.query<SealedRow[]>(
      `SELECT m.seq, m.sent_at_ms, m.body FROM message m
       WHERE ${where.sql} ${conversationIds.length === 1 ? page : ""}`,
      [...where.values],
    );
  }

  async function* readSteps(
    conversations: readonly { id: string; messageCount: number }[],
    filter: MessageFilter,
  ): AsyncGenerator<SealedRow[], void> {
    for (const ids of groupBySize(conversations)) {
      let rows = await readBodies(ids, filter);
      yield rows;
      while (ids.length === 1 && rows.length === STEP) {
        const last = rows.at(-1);
        if (!last) break;
        const place = { sentAtMs: Number(last.sent_at_ms), seq: Number(last.seq) };
        rows = await readBodies(ids, filter, place);
        yield rows;
      }
    }
  }

  /** The rest of the rows that were found; few, so most rows are read without it. */
  async function describe(texts: ReadonlyMap<number, string>): Promise<StoredMessage[]> {
    if (texts.size === 0) return [];
    const rows = await database.read.query<MessageRow[]>(
      `SELECT ${messageColumns} FROM message m WHERE m.seq IN (${marksFor([...texts])})
       ORDER BY m.sent_at_ms DESC, m.seq DESC`,
      [...texts.keys()],
    );
    return rows.map((row) => toStoredMessage(row, texts.get(Number(row.seq)) ?? null));
  }

  return {
    async *search(conversations, filter, text) {
      const contains = matcherOf(text);
      for await (const rows of readSteps(conversations, filter)) {
        const texts = new Map<number, string>();
        let erased = 0;
        for (const row of rows) {
          const json = await openBody(vault, row);
          const found = json === null ? null : contains(json);
          if (json === null) erased += 1;
          if (found !== null) texts.set(Number(row.seq), found);
        }
        yield { scanned: rows.length, erased, found: await describe(texts) };
        await nextTurn();
      }
    },
  };
}

/** Conversations together as long as they fill no more than a step. */
function groupBySize(conversations: readonly { id: string; messageCount: number }[]): string[][] {
  const groups: string[][] = [];
  let room = 0;
  for (const { id, messageCount } of conversations) {
    const last = groups.at(-1);
    if (last && messageCount <= room) last.push(id);
    else {
      groups.push([id]);
      room = STEP;
    }
    room -= messageCount;
  }
  return groups;
}

/** A backslash or a control character: then a text need not stand in the JSON as it reads. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const MAY_DIFFER = /[\\\u0000-\u001f\u007f-\u009f]/;
/** Numbers are read as text and may be written differently in JSON (1e3 is 1000). */
const LIKE_NUMBER = /^[-+.\deEInfity]+$/;

/**
 * Returns a function that gives the text of a message's JSON when it contains `text`, else null. Most messages do
 * not, and most of those are known without parsing: what a message says stands in its JSON word by word.
 */
export function matcherOf(text: string): (json: string) => string | null {
  const mayBeNumber = LIKE_NUMBER.test(text);
  return (json) => {
    if (!mayBeNumber && !json.includes(text) && !MAY_DIFFER.test(json)) return null;
    const said = readArchiveMessage(json)?.text ?? "";
    return said.includes(text) ? said : null;
  };
}

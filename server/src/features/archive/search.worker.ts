import { once } from "node:events";
import type { MessagePort } from "node:worker_threads";
import { workerData } from "node:worker_threads";
import { LRUCache } from "lru-cache";
import { openRowReader } from "../../platform/database/row-reader.ts";
import type { RowReader } from "../../platform/database/row-reader.ts";
import type { Rule } from "#shared/rules/rule";
import { keyIdsOf, openFrom, wipe } from "../../platform/vault/key-bundle.ts";
import type { KeyBundle } from "../../platform/vault/key-bundle.ts";
import { createKeyedHash } from "../../platform/vault/keyed-hash.ts";
import type { KeyedHash } from "../../platform/vault/keyed-hash.ts";
import { readArchiveMessage } from "../../wecom/archive-message.ts";
import type { MessagePlace } from "./conversation-query.ts";
import { marksFor } from "./known-messages.ts";
import { historyColumns, loadRuleSet, partiesColumns, scanPortion } from "./rule-scan.ts";
import type {
  HistoryLookUps,
  HistoryRow,
  LoadedRules,
  PartiesRow,
  RuleScanContext,
  ScannedPortion,
} from "./rule-scan.ts";
import { placeOfBody } from "./sealed-places.ts";
import { monthOf } from "./search-index/index-months.ts";
import {
  forgetInMonth,
  queryMonth,
  removeAllMonths,
  removeMonth,
  writeMonth,
} from "./search-index/month-file.ts";
import type { IndexEntry } from "./search-index/search-index.ts";
import { tokensOfMessage } from "./search-index/tokens.ts";
import { matcherOf } from "./text-match.ts";

/**
 * Runs in a worker thread: reads messages over a connection of its own and opens them, to keep those that say what is
 * sought or to break them up for the index. It asks for the keys of the rows that it has read and forgets them with
 * the rows. It also does the index's work on files.
 */
interface OpeningTask {
  sql: string;
  values: readonly (string | number)[];
  /** For the question, the ids of the keys, and its answer. */
  keys: MessagePort;
}

/** Its statement gives `ScanRow`s. */
export interface ScanTask extends OpeningTask {
  wanted: string;
}

export interface ScanOutcome {
  scanned: number;
  /** Of those, how many nobody can read any more. */
  erased: number;
  /** Their texts by seq. */
  found: Map<number, string>;
  /** Where the last row stands; null when there was none. */
  last: MessagePlace | null;
}

type ScanRow = readonly [seq: number, sentAtMs: number, body: Buffer];

const { databaseUrl } = workerData as { databaseUrl: string };
let opening: Promise<RowReader> | undefined;

async function query<Row extends readonly unknown[]>(
  sql: string,
  values: readonly (string | number)[],
): Promise<Row[]> {
  opening ??= openRowReader(databaseUrl);
  const reader = await opening.catch((error: unknown) => {
    opening = undefined;
    throw error;
  });
  return await reader.query<Row>(sql, values);
}

export async function scan({ sql, values, wanted, keys }: ScanTask): Promise<ScanOutcome> {
  const rows = await query<ScanRow>(sql, values);
  const bundle = await askForKeys(
    keys,
    rows.map(([, , body]) => body),
  );
  const contains = matcherOf(wanted);
  const found = new Map<number, string>();
  let erased = 0;
  for (const [seq, , body] of rows) {
    const json = openFrom(bundle, placeOfBody(seq), body);
    const text = json && contains(json);
    if (json === null) erased += 1;
    if (text !== null) found.set(seq, text);
  }
  wipe(bundle);
  const last = rows.at(-1);
  return {
    scanned: rows.length,
    erased,
    found,
    last: last ? { seq: last[0], sentAtMs: last[1] } : null,
  };
}

/** Its statement gives `TokenRow`s. */
export interface TokenizeTask extends OpeningTask {
  /** Of the months that the rows are of. */
  hashKeys: ReadonlyMap<number, Uint8Array>;
}

type TokenRow = readonly [seq: number, sentAtMs: number, body: Buffer, conversationId: string];

/** A month's is used for a while, and what it remembers makes it fast. */
const hashes = new LRUCache<string, KeyedHash>({ max: 2 });

/** What can be read of them; the erased ones have no entry. */
export async function tokenize(task: TokenizeTask): Promise<IndexEntry[]> {
  const rows = await query<TokenRow>(task.sql, task.values);
  const bundle = await askForKeys(
    task.keys,
    rows.map(([, , body]) => body),
  );
  const entries = rows.flatMap(([seq, sentAtMs, body, conversationId]): IndexEntry[] => {
    const json = openFrom(bundle, placeOfBody(seq), body);
    const month = monthOf(sentAtMs);
    const key = task.hashKeys.get(month);
    if (json === null || !key) return [];
    const text = readArchiveMessage(json.toString("utf8"))?.text ?? "";
    return [{ seq, month, tokens: tokensOfMessage(hashWith(key), { text, conversationId }) }];
  });
  wipe(bundle);
  return entries;
}

/** Its statement gives `HistoryRow`s. */
export interface RuleScanTask extends OpeningTask {
  /** Names the rules, which the thread asks for when it does not have them. */
  rulesId: string;
  context: RuleScanContext;
  conversationIds: readonly string[];
  /** Between these times nothing is missing of the conversations; null: between the rows' own. */
  covered: { fromMs: number; toMs: number } | null;
}

export interface RuleScanOutcome extends ScannedPortion {
  scanned: number;
  /** Where the last row stands. */
  last: MessagePlace | null;
}

/** Compiling takes long, a portion does not. */
const ruleSets = new LRUCache<string, LoadedRules>({ max: 2 });

/** Goes through messages with rules. */
export async function scanRules(task: RuleScanTask): Promise<RuleScanOutcome> {
  const rules = ruleSets.get(task.rulesId) ?? loadRuleSet(await askForRules(task.keys));
  ruleSets.set(task.rulesId, rules);
  const rows = await query<HistoryRow>(task.sql, task.values);
  const around = await readAround(task, rows, rules);
  const bundle = await askForKeys(
    task.keys,
    [...rows, ...around].map(([, , body]) => body),
  );
  const open = (row: HistoryRow): Buffer | null => openFrom(bundle, placeOfBody(row[0]), row[2]);
  const portion = await scanPortion(rows, around, {
    rules,
    context: task.context,
    open,
    partiesOf,
    lookUps,
  });
  wipe(bundle);
  const last = rows.at(-1);
  const place = last ? { seq: last[0], sentAtMs: last[1] } : null;
  return { ...portion, scanned: rows.length, last: place };
}

/** What the speakers said just before and after the portion. */
async function readAround(
  { conversationIds, covered }: RuleScanTask,
  rows: readonly HistoryRow[],
  { reach: { widest } }: LoadedRules,
): Promise<HistoryRow[]> {
  const [first, last] = [rows[0], rows.at(-1)];
  if (!widest || !first || !last) return [];
  const { fromMs, toMs } = covered ?? { fromMs: first[1], toMs: last[1] };
  const spanMs = widest.minutes * 60_000;
  const found = await query<HistoryRow>(
    `SELECT ${historyColumns} FROM message m WHERE m.conversation_id IN (${marksFor(conversationIds)})
       AND m.action = 'send' AND (m.sent_at_ms BETWEEN ? AND ? OR m.sent_at_ms BETWEEN ? AND ?)`,
    [...conversationIds, fromMs - spanMs, fromMs, toMs, toMs + spanMs],
  );
  const own = new Set(rows.map(([seq]) => seq));
  return found.filter(([seq]) => !own.has(seq));
}

const PARTIES_A_QUERY = 1000;

async function partiesOf(seqs: readonly number[]): Promise<Map<number, PartiesRow>> {
  const found = new Map<number, PartiesRow>();
  for (let from = 0; from < seqs.length; from += PARTIES_A_QUERY) {
    const some = seqs.slice(from, from + PARTIES_A_QUERY);
    const sql = `SELECT ${partiesColumns} FROM message m WHERE m.seq IN (${marksFor(some)})`;
    for (const row of await query<PartiesRow>(sql, some)) found.set(row[0], row);
  }
  return found;
}

const lookUps: HistoryLookUps = {
  async lastMemberIn(conversationId, seq) {
    const [row] = await query<[string]>(
      `SELECT member_id FROM message WHERE conversation_id = ? AND member_id IS NOT NULL AND seq < ?
       ORDER BY sent_at_ms DESC LIMIT 1`,
      [conversationId, seq],
    );
    return row?.[0] ?? null;
  },
  async sentAtMsOf(msgId) {
    const [row] = await query<[number]>("SELECT sent_at_ms FROM message WHERE msg_id = ?", [msgId]);
    return row?.[0] ?? null;
  },
};

async function askForRules(port: MessagePort): Promise<Rule[][]> {
  const answer = once(port, "message");
  port.postMessage("rules");
  const [lists] = (await answer) as [Rule[][]];
  return lists;
}

function hashWith(key: Uint8Array): KeyedHash {
  const name = Buffer.from(key).toString("latin1");
  const known = hashes.get(name) ?? createKeyedHash(key);
  hashes.set(name, known);
  return known;
}

export async function count({ sql, values }: Pick<OpeningTask, "sql" | "values">): Promise<number> {
  const [row] = await query<[number]>(sql, values);
  return Number(row?.[0]);
}

/** Few rows of short values. */
export async function list({
  sql,
  values,
}: Pick<OpeningTask, "sql" | "values">): Promise<(readonly unknown[])[]> {
  return await query(sql, values);
}

const onFiles = { writeMonth, queryMonth, forgetInMonth, removeMonth, removeAllMonths };
export type FileWork = typeof onFiles;

export function workOnFiles<Work extends keyof FileWork>(task: {
  work: Work;
  args: Parameters<FileWork[Work]>;
}): ReturnType<FileWork[Work]> {
  const work = onFiles[task.work] as (...args: unknown[]) => ReturnType<FileWork[Work]>;
  return work(...task.args);
}

/** A port that is closed unasked means that nobody waits any more; then the task fails unheard. */
async function askForKeys(port: MessagePort, sealed: readonly Buffer[]): Promise<KeyBundle> {
  const answer = once(port, "message");
  port.postMessage(keyIdsOf(sealed));
  const [bundle] = (await answer) as [KeyBundle];
  port.close();
  return bundle;
}

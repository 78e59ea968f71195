import { once } from "node:events";
import type { MessagePort } from "node:worker_threads";
import { workerData } from "node:worker_threads";
import { LRUCache } from "lru-cache";
import { openRowReader } from "../../platform/database/row-reader.ts";
import type { RowReader } from "../../platform/database/row-reader.ts";
import { keyIdsOf, openFrom, wipe } from "../../platform/vault/key-bundle.ts";
import type { KeyBundle } from "../../platform/vault/key-bundle.ts";
import { createKeyedHash } from "../../platform/vault/keyed-hash.ts";
import type { KeyedHash } from "../../platform/vault/keyed-hash.ts";
import { readArchiveMessage } from "../../wecom/archive-message.ts";
import type { MessagePlace } from "./conversation-query.ts";
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
  /** For one question, the ids of the keys, and one answer. */
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

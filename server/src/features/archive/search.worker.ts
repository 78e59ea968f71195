import { once } from "node:events";
import type { MessagePort } from "node:worker_threads";
import { workerData } from "node:worker_threads";
import { openRowReader } from "../../platform/database/row-reader.ts";
import { keyIdsOf, openFrom, wipe } from "../../platform/vault/key-bundle.ts";
import type { KeyBundle } from "../../platform/vault/key-bundle.ts";
import type { MessagePlace } from "./conversation-query.ts";
import { placeOfBody } from "./sealed-places.ts";
import { matcherOf } from "./text-match.ts";

/**
 * Runs in a worker thread: reads messages over a connection of its own, opens them and keeps those that say what is
 * sought. It asks for the keys of the rows that it has read and forgets them with the rows.
 */
export interface ScanTask {
  /** Of `ScanRow`s. */
  sql: string;
  values: readonly (string | number)[];
  wanted: string;
  /** For one question, the ids of the keys, and one answer. */
  keys: MessagePort;
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
const reader = openRowReader(databaseUrl);

export async function scan({ sql, values, wanted, keys }: ScanTask): Promise<ScanOutcome> {
  const rows = await (await reader).query<ScanRow>(sql, values);
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

/** A port that is closed unasked means that nobody waits any more; then the task fails unheard. */
async function askForKeys(port: MessagePort, sealed: readonly Buffer[]): Promise<KeyBundle> {
  const answer = once(port, "message");
  port.postMessage(keyIdsOf(sealed));
  const [bundle] = (await answer) as [KeyBundle];
  port.close();
  return bundle;
}

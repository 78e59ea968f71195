import { LRUCache } from "lru-cache";
import type { Database } from "../../../platform/database/database.ts";
import { createKeyedHash } from "../../../platform/vault/keyed-hash.ts";
import type { KeyedHash } from "../../../platform/vault/keyed-hash.ts";
import type { Vault } from "../../../platform/vault/vault.ts";
import type { MessageFilter } from "../conversation-query.ts";
import { describeFound } from "../message-search.ts";
import type { MessageSearch, SearchStep } from "../message-search.ts";
import type { SearchThreads } from "../search-threads.ts";
import { nameOfHashKey } from "./index-follower.ts";
import { monthOf } from "./index-months.ts";
import { findCursor, listLate, listMonths } from "./index-state.ts";
import type { IndexCursor } from "./index-state.ts";
import { chunksOf, createScopeQueries } from "./scope-queries.ts";
import type { Scope } from "./scope-queries.ts";
import { LostIndexError } from "./search-index.ts";
import type { SearchIndex } from "./search-index.ts";
import { conversationToken, tokensOfText } from "./tokens.ts";

export interface IndexedSearchDeps {
  database: Database;
  vault: Pick<Vault, "hashKey">;
  threads: Pick<SearchThreads, "scan" | "count">;
  index: SearchIndex;
  /** What opens everything: for small scopes, and for what the index does not have. */
  scan: MessageSearch;
  /** The index is not there, though it should be. */
  onLost: () => void;
}

/** What the index narrows a search down to. */
interface Plan {
  cursor: IndexCursor;
  /** Newest first. */
  months: number[];
  /** At or before the cursor, but not in the index. */
  late: ReadonlySet<number>;
}

/** To open so many takes less time than to ask. */
const SMALL_SCOPE = 2_000;
/** While more than that is missing in the index, everything is opened. */
const MOST_MISSING = 20_000;
const FIRST_PAGE = 250;
const PAGE = 1_000;
/** More narrow hardly further, and each costs a look. */
const MOST_TOKENS = 12;
/** Of a larger scope the index gives the hits of everybody, and the others' are left out here. */
const MOST_CONVERSATIONS = 300;

/**
 * Searches by the index and gives exactly what the scan gives: candidates are opened and compared, what the index
 * does not have yet is scanned, and when a part of the index turns out to be gone, everything is.
 */
export function createIndexedSearch(deps: IndexedSearchDeps): MessageSearch {
  const { database, vault, threads, index, scan } = deps;
  const queries = createScopeQueries(deps);
  const hashes = new LRUCache<string, KeyedHash>({ max: 24 });

  async function hashFor(generation: string, month: number): Promise<KeyedHash> {
    const name = nameOfHashKey(generation, month);
    const hash = hashes.get(name) ?? createKeyedHash(await vault.hashKey(name));
    hashes.set(name, hash);
    return hash;
  }

  /** Null when the index is of no use here. */
  async function plan(scope: Scope, text: string): Promise<Plan | null> {
    if (scope.messageCount <= SMALL_SCOPE || text.length < 2) return null;
    const cursor = await findCursor(database.read);
    if (cursor?.backend !== index.backend) return null;
    if (await queries.hasMoreAfter(cursor.seq, MOST_MISSING)) return null;
    const late = await listLate(database.read, MOST_MISSING + 1);
    if (late.length > MOST_MISSING) return null;
    return { cursor, months: await listMonths(database.read), late: new Set(late) };
  }

  async function open(seqs: readonly number[], text: string): Promise<SearchStep> {
    const outcome = await threads.scan({ ...queries.bodiesOf(seqs), wanted: text });
    return { scanned: 0, erased: 0, found: await describeFound(database, outcome.found) };
  }

  async function* searchMissing(
    { cursor, late }: Plan,
    scope: Scope,
    text: string,
  ): AsyncGenerator<SearchStep, void> {
    for await (const seqs of queries.seqsAfter(cursor.seq, PAGE)) {
      yield await open(await queries.inScope(seqs, scope), text);
    }
    for (const seqs of chunksOf([...late].reverse(), PAGE)) {
      yield await open(await queries.inScope(seqs, scope), text);
    }
  }

  async function* searchMonth(
    month: number,
    { cursor, late }: Plan,
    scope: Scope,
    text: string,
  ): AsyncGenerator<SearchStep, void> {
    const hash = await hashFor(cursor.generation, month);
    const ids = [...scope.conversationIds];
    const query = {
      month,
      tokens: [...tokensOfText(hash, text).slice(0, MOST_TOKENS)],
      anyOf: ids.length > MOST_CONVERSATIONS ? [] : ids.map((id) => conversationToken(hash, id)),
    };
    let before = cursor.seq + 1;
    for (let limit = FIRST_PAGE; ; limit = PAGE) {
      const seqs = await index.query(cursor.generation, { ...query, before, limit });
      const indexed = seqs.filter((seq) => !late.has(seq));
      yield await open(await queries.inScope(indexed, scope), text);
      const last = seqs.at(-1);
      if (seqs.length < limit || last === undefined) return;
      before = last;
    }
  }

  async function* searchByIndex(
    planned: Plan,
    scope: Scope,
    text: string,
  ): AsyncGenerator<SearchStep, void> {
    yield* searchMissing(planned, scope, text);
    const [from, to] = monthsOf(scope.filter);
    for (const month of planned.months) {
      if (month >= from && month <= to) yield* searchMonth(month, planned, scope, text);
    }
    yield { scanned: scope.messageCount, erased: await queries.countErased(scope), found: [] };
  }

  /** A month may have gone on purpose at this moment, or a new index may have begun. */
  async function isReallyLost(planned: Plan): Promise<boolean> {
    const cursor = await findCursor(database.read);
    if (cursor?.generation !== planned.cursor.generation) return false;
    const months = await listMonths(database.read);
    return planned.months.every((month) => months.includes(month));
  }

  return {
    async *search(conversations, filter, text) {
      const scope: Scope = {
        conversationIds: new Set(conversations.map(({ id }) => id)),
        messageCount: conversations.reduce((sum, { messageCount }) => sum + messageCount, 0),
        filter,
      };
      const planned = await plan(scope, text);
      const told = new Set<number>();
      try {
        if (planned) {
          for await (const step of searchByIndex(planned, scope, text)) {
            for (const { seq } of step.found) told.add(seq);
            yield step;
          }
          return;
        }
      } catch (error) {
        if (!(error instanceof LostIndexError) || !planned) throw error;
        if (await isReallyLost(planned)) deps.onLost();
      }
      for await (const step of scan.search(conversations, filter, text)) {
        yield { ...step, found: step.found.filter(({ seq }) => !told.has(seq)) };
      }
    },
  };
}

function monthsOf({ fromMs, toMs }: MessageFilter): [from: number, to: number] {
  return [
    fromMs === undefined ? 0 : monthOf(fromMs),
    toMs === undefined ? Number.MAX_SAFE_INTEGER : monthOf(toMs),
  ];
}

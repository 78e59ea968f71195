import type { SearchDone, SearchFound, SearchProgress } from "#shared/contract/reading";
import { searchLimit } from "#shared/contract/reading";
import { readingLimits } from "#shared/contract/reading-extension";
import type { Clock } from "../../platform/clock.ts";
import type {
  ConversationSelection,
  Conversations,
  StoredMessage,
} from "../archive/conversations.service.ts";
import type { MessageSearch } from "../archive/message-search.ts";
import type { Allowance, EmergencyOfReader } from "./allowance.ts";
import type { ConversationViews } from "./conversation-views.ts";
import { excerptOf } from "./search-excerpt.ts";
import type { MessageViews } from "./message-views.ts";
import type { SearchWish } from "./reading-log.ts";
import type { Readings } from "./readings.service.ts";
import type { ReadingScopes } from "./reading-scope.ts";

/** What a search tells while it runs; the last one of a search that was not cancelled is `done`. */
export type SearchEvent =
  | { event: "progress"; data: SearchProgress }
  | { event: "found"; data: SearchFound }
  | { event: "done"; data: SearchDone };

export interface Searches {
  /** Throws `not_found` unless the search is open to this reader; the events end early when `signal` aborts. */
  open(
    readerId: string,
    searchId: string,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<SearchEvent, void>>;
}

interface Deps {
  conversations: Pick<Conversations, "count" | "countExpired" | "find">;
  messages: MessageSearch;
  readings: Pick<Readings, "getSearch">;
  scopes: Pick<ReadingScopes, "select">;
  allowance: Pick<Allowance, "admit">;
  clock: Clock;
  emergencyOf: (readerId: string) => Promise<EmergencyOfReader | undefined>;
  conversationViews: ConversationViews;
  messageViews: MessageViews;
  /** Items of the archive that wait to be opened. */
  countUnopened: () => Promise<number>;
  maskNumbers: (text: string) => string;
}

const EXCERPT_UNITS = 120;
const PROGRESS_EVERY_MS = 200;

export function createSearches(deps: Deps): Searches {
  const { conversations, messages, readings, scopes } = deps;
  /** By reader: a new search ends the one before, whose page may be gone without our knowing. */
  const running = new Map<string, AbortController>();

  async function present(
    readerId: string,
    found: readonly StoredMessage[],
    text: string,
    /** Excerpts that may be shown beside those that were shown today. */
    room: number,
  ): Promise<{ views: SearchFound[]; added: number }> {
    const ids = [...new Set(found.map(({ conversationId }) => conversationId))];
    const places = await conversations.find(ids);
    const wanted = found.flatMap(({ seq, sentAtMs, conversationId }) => {
      const conversation = places.find(({ id }) => id === conversationId);
      return conversation ? [{ seq, sentAtMs, conversation }] : [];
    });
    const [admitted, facts, views] = await Promise.all([
      deps.allowance.admit(readerId, wanted, room),
      deps.messageViews.facts(found),
      deps.conversationViews.present(readerId, places),
    ]);
    const shown = found.flatMap((message, index): SearchFound[] => {
      const fact = facts[index];
      const conversation = views.find(({ id }) => id === message.conversationId);
      if (!fact || !conversation) return [];
      if (!admitted.has(message.seq)) return [{ ...fact, excerpt: null, marks: [], conversation }];
      const said = message.text ?? "";
      const excerpt = excerptOf(said, deps.maskNumbers(said), text, EXCERPT_UNITS);
      return [{ ...fact, ...excerpt, conversation }];
    });
    return { views: shown, added: admitted.added };
  }

  async function* run(
    readerId: string,
    wish: SearchWish,
    selection: ConversationSelection,
    isOver: () => boolean,
  ): AsyncGenerator<SearchEvent, void> {
    const counted = await conversations.count(selection);
    const total = counted.reduce((sum, { messageCount }) => sum + messageCount, 0);
    const sum = { scanned: 0, found: 0, erased: 0, withheld: 0 };
    let room: number = readingLimits.perConversation;
    let isCutOff = false;
    let toldAtMs = performance.now();
    yield { event: "progress", data: { scanned: 0, total } };
    for await (const step of messages.search(counted, selection, wish.text)) {
      if (isOver()) return;
      sum.scanned += step.scanned;
      sum.erased += step.erased;
      const shown = step.found.slice(0, searchLimit - sum.found);
      isCutOff = shown.length < step.found.length;
      sum.found += shown.length;
      const { views, added } = await present(readerId, shown, wish.text, room);
      room -= added;
      sum.withheld += views.filter(({ excerpt }) => excerpt === null).length;
      for (const data of views) yield { event: "found", data };
      if (isCutOff) break;
      if (performance.now() - toldAtMs < PROGRESS_EVERY_MS) continue;
      toldAtMs = performance.now();
      yield { event: "progress", data: { scanned: sum.scanned, total } };
    }
    const outcome = isCutOff ? "cut_off" : sum.found === 0 ? "none" : "all";
    const expired = await conversations.countExpired(selection);
    const unopened = await deps.countUnopened();
    yield { event: "done", data: { ...sum, total, outcome, expired, unopened } };
  }

  /** Knows about the reader's own next search. */
  async function* runAlone(
    readerId: string,
    wish: SearchWish,
    selection: ConversationSelection,
    { signal, untilMs }: { signal: AbortSignal; untilMs: number },
  ): AsyncGenerator<SearchEvent, void> {
    const mine = new AbortController();
    running.get(readerId)?.abort();
    running.set(readerId, mine);
    try {
      yield* run(readerId, wish, selection, () => {
        return signal.aborted || mine.signal.aborted || deps.clock.now() >= untilMs;
      });
    } finally {
      if (running.get(readerId) === mine) running.delete(readerId);
    }
  }

  return {
    async open(readerId, searchId, signal) {
      const wish = await readings.getSearch(readerId, searchId);
      const selection = await scopes.select(readerId, wish.filter);
      // What an emergency opened is closed at its end, in the middle of a search, too.
      const untilMs = (await deps.emergencyOf(readerId))?.endsAtMs ?? Number.POSITIVE_INFINITY;
      return runAlone(readerId, wish, selection, { signal, untilMs });
    },
  };
}

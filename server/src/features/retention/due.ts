import type { EntityManager } from "typeorm";
import type { RetentionDays } from "#shared/contract/retention";
import { startOfShanghaiDay } from "../../platform/shanghai-day.ts";
import type { ConversationKind } from "../archive/conversation.entity.ts";
import type { AgedItem, AgedMessage, AgedPlace, ArchiveExpiry } from "../archive/expiry.ts";
import type { ActCase } from "../cases/act-expiry.ts";
import { findHeld, hasAny, readHolds } from "./active-holds.ts";
import type { AgedRecord, RecordKeeper } from "./record-keeper.ts";

/** By which days, as of which day, something is too old. */
export interface Terms {
  /** See `shanghai-day.ts`. */
  today: number;
  days: RetentionDays;
}

/** A bounded stretch of a walk. */
export interface DueSlice<T, P> {
  due: T[];
  /** Their time is over, and a hold keeps them. */
  held: T[];
  /** Where the walk goes on; null at its end. */
  next: P | null;
}

/** One more stretch, judged as things are at this moment. */
export type NextDue<T, P> = (
  manager: EntityManager,
  terms: Terms,
  place: P,
  limit: number,
) => Promise<DueSlice<T, P>>;

export interface MessagePlace {
  /** See `shanghai-day.ts`. */
  day: number;
  after?: AgedPlace | undefined;
}

/** What must be destroyed by these terms: the one place that says so, for the preview and for the run. */
export interface Due {
  messages: NextDue<AgedMessage, MessagePlace>;
  /** By seq. */
  items: NextDue<AgedItem, number>;
  /** By id. */
  recordsOf(keeper: Pick<RecordKeeper, "classId" | "listOver">): NextDue<AgedRecord, string>;
  /** Cases of what was done without a message, by id. */
  acts: NextDue<ActCase, string>;
}

export interface DueDeps {
  archive: Pick<ArchiveExpiry, "findDay" | "listDay" | "partiesOf" | "listItems">;
  /** Those that a case still needs. */
  neededByCases: (
    manager: EntityManager,
    messages: readonly AgedMessage[],
    handledSinceMs: number,
  ) => Promise<Set<number>>;
  listActs: (
    manager: EntityManager,
    page: { afterId: string; untilMs: number; handledUntilMs: number; limit: number },
  ) => Promise<ActCase[]>;
}

const kinds: readonly ConversationKind[] = ["single", "group", "internal"];

/** What came before this day has been kept for its days; the day itself does not count. */
export function cutoffDay({ today, days }: Terms, id: keyof RetentionDays): number {
  return today - days[id];
}

const cutoffMs = (terms: Terms, id: keyof RetentionDays): number =>
  startOfShanghaiDay(cutoffDay(terms, id));

export function createDue({ archive, neededByCases, listActs }: DueDeps): Due {
  /** Those of the conversations that must stay. */
  async function holdsOn(
    manager: EntityManager,
    conversationIds: readonly string[],
  ): Promise<Set<string>> {
    const ids = [...new Set(conversationIds)];
    return findHeld(await readHolds(manager), await archive.partiesOf(manager, ids));
  }

  return {
    async messages(manager, terms, place, limit) {
      const until = Math.max(...kinds.map((kind) => cutoffDay(terms, kind)));
      const day = await archive.findDay(manager, place.day, until);
      if (day === null) return { due: [], held: [], next: null };
      const aged = await archive.listDay(manager, {
        day,
        kinds: kinds.filter((kind) => day < cutoffDay(terms, kind)),
        after: day === place.day ? place.after : undefined,
        limit,
      });
      const needed = await neededByCases(manager, aged, cutoffMs(terms, "case"));
      const old = aged.filter(({ seq }) => !needed.has(seq));
      const ids = old.map(({ conversationId }) => conversationId);
      const held = await holdsOn(manager, ids);
      const last = aged.at(-1);
      const next = aged.length === limit && last ? { day, after: last } : { day: day + 1 };
      return { ...split(old, ({ conversationId }) => held.has(conversationId)), next };
    },

    async items(manager, terms, afterSeq, limit) {
      const items = await archive.listItems(manager, afterSeq, limit);
      const untilMs = cutoffMs(terms, "undecodable");
      const old = items.filter(({ receivedAtMs }) => receivedAtMs < untilMs);
      // Nobody knows whose they are.
      const isHeld = hasAny(await readHolds(manager));
      const next = items.length < limit ? null : (items.at(-1)?.seq ?? null);
      return { ...split(old, () => isHeld), next };
    },

    recordsOf: (keeper) => async (manager, terms, afterId, limit) => {
      const untilMs = cutoffMs(terms, keeper.classId);
      const old = await keeper.listOver(manager, { afterId, untilMs, limit });
      const { personIds } = await readHolds(manager);
      const held = await holdsOn(
        manager,
        old.flatMap(({ conversationIds }) => conversationIds),
      );
      const isHeld = (record: AgedRecord): boolean =>
        record.personIds.some((id) => personIds.has(id)) ||
        record.conversationIds.some((id) => held.has(id));
      const next = old.length < limit ? null : (old.at(-1)?.id ?? null);
      return { ...split(old, isHeld), next };
    },

    async acts(manager, terms, afterId, limit) {
      const untilMs = cutoffMs(terms, "single");
      const handledUntilMs = cutoffMs(terms, "case");
      const old = await listActs(manager, { afterId, untilMs, handledUntilMs, limit });
      const held = await heldActs(manager, old);
      const next = old.length < limit ? null : (old.at(-1)?.id ?? null);
      return { ...split(old, ({ id }) => held.has(id)), next };
    },
  };
}

/** Those that a hold keeps. Their conversation may have no message, so the archive need not know who takes part. */
export async function heldActs(
  manager: EntityManager,
  acts: readonly ActCase[],
): Promise<Set<string>> {
  const parties = new Map(
    acts.map((one) => [one.conversationId, [one.memberId, one.customerId ?? []].flat()]),
  );
  const held = findHeld(await readHolds(manager), parties);
  const kept = acts.filter(({ conversationId }) => held.has(conversationId));
  return new Set(kept.map(({ id }) => id));
}

function split<T>(old: readonly T[], isHeld: (one: T) => boolean): { due: T[]; held: T[] } {
  return { due: old.filter((one) => !isHeld(one)), held: old.filter(isHeld) };
}

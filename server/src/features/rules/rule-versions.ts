import type { EntityManager } from "typeorm";
import { LessThan, LessThanOrEqual, MoreThan } from "typeorm";
import type { RuleDraft } from "#shared/contract/rule";
import type { RuleChange, VersionKind, VersionList } from "#shared/contract/rule-set";
import { ruleLimits } from "#shared/rules/rule";
import type { Rule } from "#shared/rules/rule";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { insertNew } from "../../platform/database/insert-new.ts";
import type { LiveEvents } from "../../platform/events/live-events.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { Members } from "../members/members.service.ts";
import { RuleSetVersion, RuleSnapshot, RuleVersion } from "./rule.entity.ts";
import { nameAuthor } from "./rule-view.ts";
import { compareSnapshots, hashOf } from "./snapshot.ts";
import type { Snapshot, SnapshotItem } from "./snapshot.ts";
import { wordingKey } from "./wordings.ts";
import type { Wordings } from "./wordings.ts";

/** A set of rules with their wordings. */
export interface RuleSet {
  hash: string;
  snapshot: Snapshot;
  wordingOf(item: Pick<SnapshotItem, "ruleId" | "revision">): RuleDraft;
}

export interface PublishedSet extends RuleSet {
  /** 0 before anything was published. */
  version: number;
}

export interface NewVersion {
  kind: VersionKind;
  requestedBy: string;
  publishedBy: string;
  restores?: number | null;
}

/** What was published and is in force. A version never changes; each change is a new one. */
export interface RuleVersions {
  /** One cheap look. */
  currentNumber(manager?: EntityManager): Promise<number>;
  current(manager?: EntityManager): Promise<PublishedSet>;
  /** Throws `not_found`; 0 is what was before the first one, nothing. */
  get(number: number): Promise<PublishedSet>;
  /** What was in force before that version. */
  before(number: number): Promise<PublishedSet>;
  /** Throws `not_found`. */
  find(hash: string, manager?: EntityManager): Promise<RuleSet>;
  /** A set that nobody may have kept. */
  open(manager: EntityManager, snapshot: Snapshot): Promise<RuleSet>;
  /** Keeps a set under its hash, so that it can be tried, shown to a second person and published later. */
  keep(tx: EntityManager, snapshot: Snapshot): Promise<RuleSet>;
  /** In force from the next message on when the transaction commits. `base`: the version that it was meant to follow. */
  publish(tx: EntityManager, set: RuleSet, version: NewVersion, base?: number): Promise<number>;
  list(before: number | undefined, limit: number): Promise<VersionList>;
  /** Every set that was in force at some time since then, in order; the last one is in force now. */
  inForceSince(atMs: number): Promise<PublishedSet[]>;
  describeChanges(before: RuleSet, after: RuleSet): RuleChange[];
}

interface Deps {
  database: Database;
  events: LiveEvents;
  clock: Clock;
  members: Pick<Members, "namesOf">;
  wordings: Wordings;
  onPublished: (tx: EntityManager) => Promise<void>;
}

const RULE_SET_ID = "published";

export function createRuleVersions(deps: Deps): RuleVersions {
  const { database, events, clock, members, wordings } = deps;

  async function openVersion(manager: EntityManager, number: number): Promise<PublishedSet> {
    if (number === 0) return { version: 0, ...(await versions.open(manager, [])) };
    const row = await manager.findOneBy(RuleVersion, { number });
    if (!row) throw new AppError("not_found");
    return { version: number, ...(await versions.find(row.snapshotHash, manager)) };
  }

  const versions: RuleVersions = {
    async currentNumber(manager = database.read) {
      return (await manager.findOneBy(RuleSetVersion, { id: RULE_SET_ID }))?.version ?? 0;
    },

    async current(manager = database.read) {
      return await openVersion(manager, await versions.currentNumber(manager));
    },

    get: (number) => openVersion(database.read, number),

    async before(number) {
      const last = await database.read.maximum(RuleVersion, "number", { number: LessThan(number) });
      return await openVersion(database.read, last ?? 0);
    },

    async find(hash, manager = database.read) {
      const row = await manager.findOneBy(RuleSnapshot, { hash });
      if (!row) throw new AppError("not_found");
      return await versions.open(manager, row.contents);
    },

    async open(manager, snapshot) {
      const found = await wordings.find(manager, snapshot);
      return {
        hash: hashOf(snapshot),
        snapshot,
        wordingOf(item) {
          const definition = found.get(wordingKey(item));
          if (!definition) throw new Error(`the wording ${wordingKey(item)} is not there`);
          return definition;
        },
      };
    },

    async keep(tx, snapshot) {
      const set = await versions.open(tx, snapshot);
      refuseTooManyWords(set);
      const row = { hash: set.hash, contents: JSON.stringify(snapshot) };
      await insertNew(tx, "rule_snapshot", "hash", [row]);
      return set;
    },

    async publish(tx, set, version, base) {
      await insertNew(tx, "rule_set", "id", [{ id: RULE_SET_ID, version: 0 }]);
      // Takes the row: of two that publish at once the second waits here, and sees what the first did.
      await tx.increment(RuleSetVersion, { id: RULE_SET_ID }, "version", 1);
      const number = await versions.currentNumber(tx);
      if (base !== undefined && number !== base + 1) throw new AppError("rules_moved_on");
      const { kind, requestedBy, publishedBy, restores = null } = version;
      const publishedAtMs = clock.now();
      await tx.insert(RuleVersion, {
        number,
        snapshotHash: set.hash,
        kind,
        requestedBy,
        publishedBy,
        restores,
        publishedAtMs,
      });
      recordEntry(tx, {
        kind: `rules.${kind}`,
        actorId: publishedBy,
        objectId: `rules@${number}`,
        atMs: publishedAtMs,
        details: { requestedBy, rules: set.hash, ...(restores !== null && { restores }) },
      });
      await events.publish(tx, "rules", { version: number });
      await deps.onPublished(tx);
      return number;
    },

    async list(before, limit) {
      const rows = await database.read.find(RuleVersion, {
        where: before === undefined ? {} : { number: LessThan(before) },
        order: { number: "DESC" },
        take: limit + 1,
      });
      const page = rows.slice(0, limit);
      const people = page.flatMap(({ requestedBy, publishedBy }) => [requestedBy, publishedBy]);
      const names = await members.namesOf([...new Set(people)]);
      return {
        versions: await Promise.all(
          page.map(async ({ snapshotHash, ...row }) => {
            const { contents } = await database.read.findOneByOrFail(RuleSnapshot, {
              hash: snapshotHash,
            });
            return {
              ...row,
              hash: snapshotHash,
              requestedBy: nameAuthor(row.requestedBy, names),
              publishedBy: nameAuthor(row.publishedBy, names),
              enabledRules: contents.filter(({ isEnabled }) => isEnabled).length,
            };
          }),
        ),
        hasMore: rows.length > limit,
      };
    },

    async inForceSince(atMs) {
      const first = await database.read.maximum(RuleVersion, "number", {
        publishedAtMs: LessThanOrEqual(atMs),
      });
      const numbers = await database.read.find(RuleVersion, {
        select: { number: true },
        where: { number: MoreThan(first ?? 0) },
        order: { number: "ASC" },
      });
      const sets: PublishedSet[] = [];
      for (const number of [first ?? 0, ...numbers.map((one) => one.number)])
        sets.push(await openVersion(database.read, number));
      return sets;
    },

    describeChanges(before, after) {
      const stateIn = (set: RuleSet, item: SnapshotItem | null) =>
        item && { definition: set.wordingOf(item), isEnabled: item.isEnabled };
      return compareSnapshots(before.snapshot, after.snapshot).map((change) => ({
        id: change.ruleId,
        kind: change.kind,
        before: stateIn(before, change.before),
        after: stateIn(after, change.after),
      }));
    },
  };
  return versions;
}

/** The rules of a set that are on, as the engine takes them. */
export function rulesOf(set: RuleSet): (RuleDraft & Rule)[] {
  return set.snapshot
    .filter(({ isEnabled }) => isEnabled)
    .map((item) => ({ ...set.wordingOf(item), id: item.ruleId, revision: item.revision }));
}

/** More words than the engine takes would stop all checking, once published. */
function refuseTooManyWords(set: RuleSet): void {
  const words = rulesOf(set).reduce((sum, rule) => sum + rule.words.length, 0);
  if (words <= ruleLimits.words) return;
  throw new AppError("invalid_request", {
    words: `所有规则合计 ${words} 个词，最多 ${ruleLimits.words} 个`,
  });
}

import type {
  OverlapView,
  RuleScanResult,
  RuleScanView,
  SampleSummary,
} from "#shared/contract/rule-scan";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { formatShanghaiDay, shanghaiDay } from "../../platform/shanghai-day.ts";
import type { Access } from "../access/access.service.ts";
import type { Members } from "../members/members.service.ts";
import type { RuleDrafts } from "../rules/rule-draft.service.ts";
import type { RuleSet, RuleVersions } from "../rules/rule-versions.ts";
import { RuleScanSample } from "./rule-scan.entity.ts";
import type { RuleScanRow } from "./rule-scan.entity.ts";
import type { Overlap, Tally } from "./tally.ts";
import { wilsonInterval } from "./wilson.ts";

/** What of a scan is shown, and to whom: names only of those whose chats the viewer may read. */
export interface ScanViews {
  present(viewerId: string, row: RuleScanRow): Promise<RuleScanView>;
  sampleOf(row: RuleScanRow): Promise<SampleSummary | null>;
  /** Whose chats somebody may read; nobody's while that is not known. */
  reachOf(viewerId: string): Promise<string[]>;
  titlesOf(row: Pick<RuleScanRow, "hash" | "base">): Promise<(ruleId: string) => string>;
}

export interface ScanViewsDeps {
  database: Database;
  access: Pick<Access, "membersWithin">;
  members: Pick<Members, "namesOf">;
  drafts: Pick<RuleDrafts, "changes">;
  versions: Pick<RuleVersions, "get" | "find" | "currentNumber">;
}

const WORDS_SHOWN = 50;

export function createScanViews(deps: ScanViewsDeps): ScanViews {
  const { database, access, members, versions } = deps;

  async function isStale(row: RuleScanRow): Promise<boolean> {
    if (row.kind === "look_back") return (await versions.currentNumber()) !== row.base;
    const { version, hash } = await deps.drafts.changes();
    return version !== row.base || hash !== row.hash;
  }

  async function resultOf(viewerId: string, row: RuleScanRow): Promise<RuleScanResult> {
    const { tally } = row;
    const reach = new Set(await views.reachOf(viewerId));
    const titleOf = await views.titlesOf(row);
    const shown = Object.keys(tally.people).filter((id) => reach.has(id));
    const managerIds = Object.keys(tally.alerts);
    const names = await members.namesOf([...shown, ...managerIds]);
    const nameOf = (id: string): string => names.get(id) ?? id;
    const hidden = Object.entries(tally.people).filter(([id]) => !reach.has(id));
    return {
      erased: tally.erased,
      failed: tally.failed,
      messagesBefore: tally.messages[0],
      messagesAfter: tally.messages[1],
      hits: toView(tally.hits),
      days: Object.entries(tally.days)
        .sort(([a], [b]) => Number(a) - Number(b))
        .map(([day, hits]) => ({ day: formatShanghaiDay(Number(day)), ...toView(hits) })),
      people: byHits(
        shown.map((id) => ({ id, name: nameOf(id), ...toView(tally.people[id] ?? [0, 0, 0]) })),
      ),
      others:
        hidden.length === 0
          ? null
          : { count: hidden.length, ...toView(sumOf(hidden.map(([, hits]) => hits))) },
      rules: byHits(
        Object.entries(tally.rules).map(([id, hits]) => ({
          id,
          title: titleOf(id),
          ...toView(hits),
        })),
      ),
      words: wordsOf(tally, titleOf),
      managers: managerIds
        .map((id) => ({ id, name: nameOf(id), ...loadsOf(row, tally.alerts[id] ?? {}) }))
        .sort((a, b) => b.after.perDay - a.after.perDay),
      sample: await views.sampleOf(row),
    };
  }

  const views: ScanViews = {
    async present(viewerId, row) {
      const names = await members.namesOf([row.requestedBy]);
      const { id, kind, state, problem, hash, seen, total, startedAtMs, endedAtMs } = row;
      return {
        ...{ id, kind, state, problem, hash, seen, total, startedAtMs, endedAtMs },
        version: row.base,
        fromDay: formatShanghaiDay(shanghaiDay(row.fromMs)),
        toDay: formatShanghaiDay(shanghaiDay(row.toMs) - 1),
        requestedByName: names.get(row.requestedBy) ?? row.requestedBy,
        isMine: row.requestedBy === viewerId,
        isStale: await isStale(row),
        result: state === "done" ? await resultOf(viewerId, row) : null,
      };
    },

    async sampleOf({ id, kind, tally }) {
      if (kind !== "back_test") return null;
      const items = await database.read.findBy(RuleScanSample, { scanId: id });
      const correct = items.filter(({ label }) => label === "correct").length;
      const falseAlarm = items.filter(({ label }) => label === "false_alarm").length;
      const from = tally.samples.added.length > 0 ? "added" : "all";
      const [added, , same] = tally.hits;
      return {
        from,
        population: from === "added" ? added : added + same,
        size: items.length,
        correct,
        falseAlarm,
        precision: wilsonInterval(correct, correct + falseAlarm),
      };
    },

    async reachOf(viewerId) {
      try {
        return await access.membersWithin(viewerId, "conversation.read");
      } catch (error) {
        if (error instanceof AppError) return [];
        throw error;
      }
    },

    async titlesOf({ hash, base }) {
      const sets = [await versions.find(hash), await versions.get(base)];
      return (ruleId) => {
        for (const set of sets) {
          const item = set.snapshot.find((one) => one.ruleId === ruleId);
          if (item) return titleIn(set, item);
        }
        return ruleId;
      };
    },
  };
  return views;
}

function titleIn(set: RuleSet, item: RuleSet["snapshot"][number]): string {
  return set.wordingOf(item).title;
}

function toView([added, gone, same]: Overlap): OverlapView {
  return { added, gone, same };
}

function sumOf(all: readonly Overlap[]): Overlap {
  const sum: Overlap = [0, 0, 0];
  for (const one of all) for (const at of [0, 1, 2] as const) sum[at] += one[at];
  return sum;
}

/** What changes first, then what is most. */
function byHits<Row extends OverlapView>(rows: Row[]): Row[] {
  const change = ({ added, gone }: Row): number => added + gone;
  return rows.sort((a, b) => change(b) - change(a) || b.same - a.same);
}

function wordsOf(tally: Tally, titleOf: (ruleId: string) => string): RuleScanResult["words"] {
  const rows = Object.entries(tally.words).flatMap(([ruleId, words]) =>
    Object.entries(words).map(([word, hits]) => ({
      ruleTitle: titleOf(ruleId),
      word: word === "" ? null : word,
      ...toView(hits),
    })),
  );
  return byHits(rows).slice(0, WORDS_SHOWN);
}

type Load = RuleScanResult["managers"][number]["before"];

/** Over all days of the range, those without a case as well. */
function loadsOf(
  { fromMs, toMs }: RuleScanRow,
  days: Readonly<Record<string, [before: number, after: number]>>,
): { before: Load; after: Load } {
  const count = shanghaiDay(toMs) - shanghaiDay(fromMs);
  const load = (side: 0 | 1): Load => {
    const cases = Object.values(days).map((day) => day[side]);
    const sum = cases.reduce((total, one) => total + one, 0);
    return { perDay: Math.round((sum * 100) / count) / 100, most: Math.max(0, ...cases) };
  };
  return { before: load(0), after: load(1) };
}

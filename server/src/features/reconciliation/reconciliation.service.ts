import type {
  ReconciledConversations,
  ReconciledDay,
  ReconciliationView,
  RepullView,
} from "#shared/contract/reconciliation";
import type { Clock } from "../../platform/clock.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { formatShanghaiDay, parseShanghaiDay, shanghaiDay } from "../../platform/shanghai-day.ts";
import type { ArchiveDay } from "../archive/archive-books.entity.ts";
import type { PullFailure } from "../archive/pull-failure.ts";
import type { RepullRow } from "../archive/repull.entity.ts";
import { AlarmRow } from "./alarm.entity.ts";
import { readConversations, readDays } from "./books.ts";
import type { DayRange, Reconciled } from "./books.ts";
import { nameMasked } from "./masked-conversation.ts";
import { findTroubles } from "./troubles.ts";
import type { TroublesDeps } from "./troubles.ts";

/** The archive's books held against what lies in the tables. */
export interface Reconciliation {
  /** Throws `invalid_request` for days that do not exist or are too many. */
  view(query: { from?: string | undefined; to?: string | undefined }): Promise<ReconciliationView>;
  listConversations(day: string): Promise<ReconciledConversations>;
  /** Yesterday and today, as far as anything came. */
  checkRecent(nowMs: number): Promise<ReconciledDay[]>;
  toRepullView(row: RepullRow): RepullView;
}

export interface ReconciliationDeps extends TroublesDeps {
  clock: Clock;
  /** The setting without which nothing is archived. */
  missing: string | null;
  parseFailure: (text: string) => PullFailure;
}

const DEFAULT_DAYS = 7;
const MAX_DAYS = 93;
const LISTED = 100;

export function createReconciliation(deps: ReconciliationDeps): Reconciliation {
  const { database, clock, reader } = deps;

  async function listDays(range: DayRange): Promise<ReconciledDay[]> {
    const [books, passed] = await Promise.all([readDays(database, range), readPassed(range)]);
    return [...books]
      .sort(([left], [right]) => right - left)
      .map(([day, counts]) => ({
        day: formatShanghaiDay(day),
        ...counts,
        passed: passed.get(day) ?? null,
      }));
  }

  async function readPassed(
    range: DayRange,
  ): Promise<Map<number, NonNullable<ReconciledDay["passed"]>>> {
    const rows = await database.read.query<Record<string, string | number>[]>(
      "SELECT * FROM archive_day WHERE day >= ? AND day <= ?",
      [range.from, range.to],
    );
    return new Map(
      rows.map((row) => [
        Number(row["day"]),
        {
          firstSeq: Number(row["first_seq"]),
          lastSeq: Number(row["last_seq"]),
          gaps: Number(row["gaps"]),
          skipped: Number(row["skipped"]),
          widestGap: Number(row["widest_gap"]),
        } satisfies Record<keyof Omit<ArchiveDay, "day" | "pages" | "lastPageAtMs">, number>,
      ]),
    );
  }

  return {
    async view(query) {
      const nowMs = clock.now();
      const range = readRange(query, shanghaiDay(nowMs));
      const [days, status, troubles, alarms] = await Promise.all([
        listDays(range),
        reader.status(),
        deps.missing ? [] : findTroubles(deps, nowMs),
        database.read.find(AlarmRow),
      ]);
      const told = alarms.flatMap(({ toldAtMs }) => (toldAtMs === null ? [] : [toldAtMs]));
      return {
        missing: deps.missing,
        checkedAtMs: nowMs,
        days,
        cursor: { seq: status.seq, pulledAtMs: status.pulledAtMs, lagMs: status.lagMs },
        oldestProblem: troubles[0] ?? null,
        alarmedAtMs: told.length > 0 ? Math.max(...told) : null,
      };
    },

    async listConversations(text) {
      const day = readDay(text, "day");
      const found = [...(await readConversations(database, day))].sort(byUrgency);
      return {
        day: text,
        total: found.length,
        conversations: found
          .slice(0, LISTED)
          .map(([id, counts]) => ({ ...nameMasked(id), ...counts })),
      };
    },

    checkRecent: (nowMs) => listDays({ from: shanghaiDay(nowMs) - 1, to: shanghaiDay(nowMs) }),

    toRepullView: ({ lastError, ...row }) => ({
      ...row,
      trouble: lastError === null ? null : deps.explainFailure(deps.parseFailure(lastError)).what,
    }),
  };
}

function byUrgency(
  [leftId, left]: [string, Reconciled],
  [rightId, right]: [string, Reconciled],
): number {
  return (
    Number(left.holds) - Number(right.holds) ||
    right.undecodable - left.undecodable ||
    right.pulled - left.pulled ||
    (leftId < rightId ? -1 : 1)
  );
}

function readRange(
  query: { from?: string | undefined; to?: string | undefined },
  today: number,
): DayRange {
  const to = query.to === undefined ? today : readDay(query.to, "to");
  const from = query.from === undefined ? to - DEFAULT_DAYS + 1 : readDay(query.from, "from");
  if (from > to) throw new AppError("invalid_request", { from: "开始日期不能晚于结束日期" });
  if (to - from >= MAX_DAYS) {
    throw new AppError("invalid_request", { from: `一次最多看 ${MAX_DAYS} 天` });
  }
  return { from, to };
}

function readDay(text: string, field: string): number {
  const day = parseShanghaiDay(text);
  if (Number.isNaN(day)) throw new AppError("invalid_request", { [field]: "没有这一天" });
  return day;
}

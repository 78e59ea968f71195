import type { EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import { maxScanDays } from "#shared/contract/rule-scan";
import type {
  LatestScan,
  RuleScanKind,
  RuleScanRequest,
  RuleScanView,
  ScanOfProposal,
} from "#shared/contract/rule-scan";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { insertAll, isRepeat } from "../../platform/database/insert-new.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import { parseShanghaiDay, startOfShanghaiDay } from "../../platform/shanghai-day.ts";
import type { Access } from "../access/access.service.ts";
import type { HistoryScan } from "../archive/history-scan.ts";
import type { RuleDrafts } from "../rules/rule-draft.service.ts";
import type { RuleVersions } from "../rules/rule-versions.ts";
import { endScan } from "./end-scan.ts";
import { RuleScanRow } from "./rule-scan.entity.ts";
import type { ScanViews } from "./scan-views.ts";
import { emptyTally } from "./tally.ts";

/** Trying the working draft on what was said, and looking back with the version in force. */
export interface RuleScans {
  latest(viewerId: string, kind: RuleScanKind): Promise<LatestScan>;
  /** The newest trial of just this set against just this version. */
  ofProposal(viewerId: string, base: number, hash: string): Promise<ScanOfProposal>;
  /** Throws `not_found`. */
  get(viewerId: string, id: string): Promise<RuleScanView>;
  /** Throws `not_allowed` for those who may read nobody's chats, `scan_running` while one is under way. */
  start(request: RuleScanRequest, by: string): Promise<RuleScanView>;
  cancel(id: string, by: string): Promise<RuleScanView>;
}

export interface RuleScansDeps {
  database: Database;
  clock: Clock;
  access: Pick<Access, "membersWithin">;
  history: Pick<HistoryScan, "measure">;
  drafts: Pick<RuleDrafts, "freeze">;
  versions: Pick<RuleVersions, "current">;
  views: ScanViews;
  enqueueStep: (tx: EntityManager, job: { id: string; step: number }) => Promise<void>;
}

export function createRuleScans(deps: RuleScansDeps): RuleScans {
  const { database, clock, access, history, views } = deps;

  async function present(viewerId: string, row: RuleScanRow): Promise<RuleScanView> {
    return await views.present(viewerId, row);
  }

  async function insert(
    tx: EntityManager,
    scan: Pick<RuleScanRow, "id" | "kind" | "requestedBy"> & {
      range: { fromMs: number; toMs: number };
      extent: { total: number; lastSeq: number };
    },
  ): Promise<void> {
    const { id, kind, requestedBy, range, extent } = scan;
    const base = await deps.versions.current(tx);
    const { hash } = kind === "back_test" ? await deps.drafts.freeze(tx) : base;
    const startedAtMs = clock.now();
    await insertAll(tx, "rule_scan", [
      {
        id,
        kind,
        slot: kind === "back_test" ? `back_test:${requestedBy}` : kind,
        state: "running",
        problem: null,
        hash,
        base: base.version,
        from_ms: range.fromMs,
        to_ms: range.toMs,
        last_seq: extent.lastSeq,
        total: extent.total,
        seen: 0,
        step: 0,
        attempts: 0,
        place: null,
        tally: JSON.stringify(emptyTally()),
        requested_by: requestedBy,
        started_at_ms: startedAtMs,
        ended_at_ms: null,
      },
    ]);
    recordEntry(tx, {
      kind: `${kind}.started`,
      actorId: requestedBy,
      objectId: id,
      atMs: startedAtMs,
      details: { rules: hash, version: base.version, ...range, messages: extent.total },
    });
    await deps.enqueueStep(tx, { id, step: 0 });
  }

  const scans: RuleScans = {
    async latest(viewerId, kind) {
      const [row] = await database.read.find(RuleScanRow, {
        where: { kind },
        order: { startedAtMs: "DESC", id: "DESC" },
        take: 1,
      });
      const reach = await views.reachOf(viewerId);
      return { scan: row ? await present(viewerId, row) : null, reach: reach.length };
    },

    async ofProposal(viewerId, base, hash) {
      const [row] = await database.read.find(RuleScanRow, {
        where: { kind: "back_test", base, hash, state: "done" },
        order: { startedAtMs: "DESC", id: "DESC" },
        take: 1,
      });
      return { scan: row ? await present(viewerId, row) : null };
    },

    async get(viewerId, id) {
      const row = await database.read.findOneBy(RuleScanRow, { id });
      if (!row) throw new AppError("not_found");
      return await present(viewerId, row);
    },

    async start({ kind, fromDay, toDay }, by) {
      const range = rangeOf(fromDay, toDay);
      const memberIds = await access.membersWithin(by, "conversation.read");
      if (memberIds.length === 0) throw new AppError("no_chats_to_scan");
      const extent = await history.measure({ memberIds, ...range });
      if (extent.total === 0) {
        throw new AppError("invalid_request", { fromDay: "这段时间没有你能查看的聊天" });
      }
      const id = uuidv7();
      try {
        await database.write((tx) => insert(tx, { id, kind, requestedBy: by, range, extent }));
      } catch (error) {
        throw isRepeat(error) ? new AppError("scan_running") : error;
      }
      return await scans.get(by, id);
    },

    async cancel(id, by) {
      const row = await database.read.findOneBy(RuleScanRow, { id });
      if (!row) throw new AppError("not_found");
      await database.write(async (tx) => {
        await endScan(tx, row, { state: "cancelled", atMs: clock.now(), by });
      });
      return await scans.get(by, id);
    },
  };
  return scans;
}

function rangeOf(fromDay: string, toDay: string): { fromMs: number; toMs: number } {
  const [from, to] = [parseShanghaiDay(fromDay), parseShanghaiDay(toDay)];
  if (Number.isNaN(from)) throw new AppError("invalid_request", { fromDay: "没有这一天" });
  if (Number.isNaN(to)) throw new AppError("invalid_request", { toDay: "没有这一天" });
  if (to < from) throw new AppError("invalid_request", { toDay: "结束日期早于开始日期" });
  if (to - from >= maxScanDays) {
    throw new AppError("invalid_request", { toDay: `一次最多 ${maxScanDays} 天` });
  }
  return { fromMs: startOfShanghaiDay(from), toMs: startOfShanghaiDay(to + 1) };
}

import type { EntityManager } from "typeorm";
import { leavesOf } from "#shared/rules/condition";
import type { RuleScanProblem } from "#shared/contract/rule-scan";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import type { Effect } from "../../platform/jobs/jobs.ts";
import { shanghaiDay } from "../../platform/shanghai-day.ts";
import type { Access } from "../access/access.service.ts";
import type { HistoryRules, HistoryScan, HistoryStep } from "../archive/history-scan.ts";
import type { FoundMessage } from "../archive/rule-scan.ts";
import type { LookBackHits } from "../cases/look-back.ts";
import { endScan } from "./end-scan.ts";
import { readMark } from "./marked-rules.ts";
import { RuleScanRow } from "./rule-scan.entity.ts";
import type { ScanRules } from "./scan-rules.ts";
import { ADDED, count, forgetWhoWent, SAME, seedOf, tallyMessage } from "./tally.ts";
import type { Tally } from "./tally.ts";

/**
 * One stretch of a scan, some seconds long. What it has counted, how far it has come and the job of the next stretch
 * commit together: a kill loses one stretch, and none is counted twice.
 */
export type ScanStep = (job: { id: string; step: number }) => Promise<Effect | undefined>;

export interface ScanStepDeps {
  database: Database;
  clock: Clock;
  history: Pick<HistoryScan, "step">;
  access: Pick<Access, "membersWithin" | "standingOf">;
  scanRules: ScanRules;
  lookBackHits: LookBackHits;
  /** To whom a case of this member would go. */
  managersOf: (memberId: string) => Promise<readonly string[]>;
  enqueueStep: (tx: EntityManager, job: { id: string; step: number }) => Promise<void>;
  /** Tests take less. */
  budgetMs?: number;
}

const BUDGET_MS = 1_500;
const ATTEMPTS = 5;

export function createScanStep(deps: ScanStepDeps): ScanStep {
  const { database, clock, history, access, lookBackHits } = deps;

  /** Whose conversations it may go through now; throws when that is nobody's. */
  async function reachOf({ requestedBy }: RuleScanRow): Promise<string[]> {
    const { permissions } = await access.standingOf(requestedBy);
    const memberIds = permissions.has("rule.write")
      ? await access.membersWithin(requestedBy, "conversation.read")
      : [];
    if (memberIds.length === 0) throw new AppError("not_allowed");
    return memberIds;
  }

  async function tallyTrial(
    tally: Tally,
    row: RuleScanRow,
    found: readonly FoundMessage[],
    rules: HistoryRules,
  ): Promise<void> {
    const isWord = found.length > 0 ? wordsOf(rules) : () => false;
    const managers = new Map<string, readonly string[]>();
    for (const message of found) {
      const { memberId } = message;
      const managerIds = managers.get(memberId) ?? (await deps.managersOf(memberId));
      managers.set(memberId, managerIds);
      const day = shanghaiDay(message.sentAtMs);
      tallyMessage(tally, message, { seed: seedOf(row.id), day, managerIds, isWord });
    }
  }

  async function storeHits(
    tx: EntityManager,
    tally: Tally,
    found: readonly FoundMessage[],
  ): Promise<void> {
    for (const { isNew, ...hit } of await lookBackHits.store(tx, found)) {
      const day = shanghaiDay(hit.sentAtMs);
      count(tally, { ...hit, kind: isNew ? ADDED : SAME, day });
    }
  }

  async function advance(row: RuleScanRow): Promise<Effect> {
    const memberIds = await reachOf(row);
    const rules = await deps.scanRules.of(row);
    const { fromMs, toMs, lastSeq } = row;
    const range = { memberIds, fromMs, toMs, lastSeq };
    const budgetMs = deps.budgetMs ?? BUDGET_MS;
    const stretch = await history.step(range, row.place, { rules, budgetMs });
    const tally = structuredClone(row.tally);
    if (row.kind === "back_test") await tallyTrial(tally, row, stretch.found, rules);
    return (tx) => commit(tx, row, stretch, tally);
  }

  async function commit(
    tx: EntityManager,
    row: RuleScanRow,
    stretch: HistoryStep,
    trial: Tally,
  ): Promise<void> {
    const { id, step, seen, kind, requestedBy } = row;
    // Cancelled meanwhile: then this stretch was for nothing.
    const mine = { id, step, state: "running" as const };
    const { affected } = await tx.update(RuleScanRow, mine, { step: step + 1, attempts: 0 });
    if (affected !== 1) return;
    // The transaction may run more than once.
    const tally = structuredClone(trial);
    const now = await tx.findOneByOrFail(RuleScanRow, { id });
    forgetWhoWent(tally, row.tally, now.tally);
    if (kind === "look_back") await storeHits(tx, tally, stretch.found);
    tally.erased += stretch.erased;
    tally.failed += stretch.failed;
    const place = stretch.next;
    await tx.update(RuleScanRow, { id }, { seen: seen + stretch.scanned, place, tally });
    if (place) await deps.enqueueStep(tx, { id, step: step + 1 });
    else await endScan(tx, { id, kind, tally, requestedBy }, { state: "done", atMs: clock.now() });
  }

  function fail(row: RuleScanRow, problem: RuleScanProblem): Effect {
    return async (tx) => {
      await endScan(tx, row, { state: "failed", problem, atMs: clock.now() });
    };
  }

  return async ({ id, step }) => {
    const mine = { id, step, state: "running" as const };
    const row = await database.read.findOneBy(RuleScanRow, mine);
    if (!row) return undefined;
    if (row.attempts >= ATTEMPTS) return fail(row, "error");
    // Before the attempt: one that ends with the process counts, too.
    await database.write((tx) => tx.update(RuleScanRow, mine, { attempts: row.attempts + 1 }));
    try {
      return await advance(row);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return fail(row, error.code === "directory_stale" ? "directory_stale" : "not_allowed");
    }
  };
}

/** Whether something found is a word of a rule; what is not was said by somebody and is kept nowhere. */
function wordsOf({ lists }: HistoryRules): (ruleId: string, word: string) => boolean {
  const known = new Map<string, Set<string>>();
  for (const rule of lists.flat()) {
    const { ruleId } = readMark(rule.id);
    const words = known.get(ruleId) ?? new Set();
    for (const word of rule.words) words.add(word);
    for (const leaf of rule.condition ? leavesOf(rule.condition) : []) {
      if (leaf.kind === "words") for (const word of leaf.words ?? []) words.add(word);
    }
    known.set(ruleId, words);
  }
  return (ruleId, word) => known.get(ruleId)?.has(word) === true;
}

import type { EntityManager } from "typeorm";
import type { NativeRange, NativeRule } from "#shared/rules/native/native-rule";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { fingerprint, recordEntry } from "../../platform/ledger/ledger.ts";
import type {
  InterceptBody,
  InterceptRules,
  ListedInterceptRule,
} from "../../wecom/intercept-rules.ts";
import { WecomError } from "../../wecom/wecom-error.ts";
import { bodyOf, sameBody } from "./compare-body.ts";
import { NativeImportRow, NativeRuleRow } from "./interception.entity.ts";

export interface StepDeps {
  database: Database;
  clock: Clock;
  intercept: InterceptRules;
  /** A rule of ours was newly found changed or deleted; commits with that finding. */
  onDrift: (tx: EntityManager) => Promise<void>;
}

/** What is known of WeCom at the start of a sync. */
export interface Seen {
  listed: ReadonlySet<string>;
  visible: NativeRange;
}

/**
 * WeCom does not take this one rule: too many words or rules, a range too large, a name or word it refuses, somebody
 * outside of the app's scope. The others go on.
 */
const REFUSALS = new Set([
  40003, 40058, 41068, 41069, 41076, 41077, 41083, 41084, 60003, 60011, 60123,
]);

export interface SyncSteps {
  /** Finds creations whose answer was lost: otherwise they would be taken for somebody else's. */
  adoptLost(listed: readonly ListedInterceptRule[]): Promise<void>;
  /** Reads a rule that others made. */
  importOne(listed: ListedInterceptRule): Promise<void>;
  remove(row: NativeRuleRow): Promise<void>;
  /** Makes WeCom's rule what ours says, unless somebody has changed it there. */
  settle(rule: NativeRule, row: NativeRuleRow | undefined, seen: Seen): Promise<void>;
}

/** Each step is one call that changes something at most, between two transactions that say so: a sync may stop anywhere. */
export function createSyncSteps({ database, clock, intercept, onDrift }: StepDeps): SyncSteps {
  function record(tx: EntityManager, what: string, id: string, body: InterceptBody): void {
    recordEntry(tx, {
      kind: `interception.${what}`,
      actorId: "system",
      objectId: id,
      atMs: clock.now(),
      details: { body: fingerprint(JSON.stringify(body)) },
    });
  }

  async function put(row: NativeRuleRow): Promise<void> {
    await database.write(async (tx) => {
      await tx.save(NativeRuleRow, row);
    });
  }

  async function putTold(row: NativeRuleRow, body: InterceptBody): Promise<void> {
    const settled = { told: body, telling: null, found: null, errcode: null, isRestoring: false };
    Object.assign(row, settled, { state: "in_place", checkedAtMs: clock.now() });
    await database.write(async (tx) => {
      await tx.save(NativeRuleRow, row);
      record(tx, "told", row.id, body);
    });
  }

  /** True when it went well; a refusal is kept with the row. */
  async function attempt(row: NativeRuleRow, call: () => Promise<void>): Promise<boolean> {
    try {
      await call();
      return true;
    } catch (error) {
      if (!(error instanceof WecomError) || !REFUSALS.has(error.errcode)) throw error;
      Object.assign(row, { state: "refused", errcode: error.errcode, checkedAtMs: clock.now() });
      await put(row);
      return false;
    }
  }

  async function add(id: string, body: InterceptBody): Promise<void> {
    const row = Object.assign(new NativeRuleRow(), {
      id,
      wecomRuleId: null,
      told: body,
      telling: null,
      state: "creating",
      errcode: null,
      found: null,
      isRestoring: false,
      checkedAtMs: clock.now(),
    }) as NativeRuleRow;
    await put(row);
    const isAdded = await attempt(row, async () => {
      row.wecomRuleId = await intercept.add(body);
    });
    if (isAdded) await putTold(row, body);
  }

  async function update(
    row: NativeRuleRow,
    wecomRuleId: string,
    found: InterceptBody,
    body: InterceptBody,
  ): Promise<void> {
    row.telling = body;
    await put(row);
    const isDone = await attempt(row, () => intercept.update(wecomRuleId, found, body));
    if (isDone) await putTold(row, body);
  }

  async function noteDrift(row: NativeRuleRow, found: InterceptBody | null): Promise<void> {
    const state = found === null ? "deleted" : "changed";
    const isNew = row.state !== state;
    const drift = { state, found, errcode: null, checkedAtMs: clock.now() } as const;
    await database.write(async (tx) => {
      // Somebody may have asked for ours back since the row was read: then the next sync brings it.
      const { affected } = await tx.update(
        NativeRuleRow,
        { id: row.id, isRestoring: false },
        drift,
      );
      if (affected !== 1 || !isNew) return;
      record(tx, state, row.id, found ?? row.told);
      await onDrift(tx);
    });
  }

  return {
    async adoptLost(listed) {
      const lost = await database.read.findBy(NativeRuleRow, { state: "creating" });
      for (const row of lost) {
        const namesake = listed.find(({ name }) => name === row.told.name);
        const found = namesake && (await intercept.get(namesake.wecomRuleId));
        if (!found || !sameBody(found, row.told)) continue;
        row.wecomRuleId = namesake.wecomRuleId;
        await putTold(row, row.told);
      }
    },

    async importOne({ wecomRuleId, createdAtMs }) {
      const body = await intercept.get(wecomRuleId);
      await database.write(async (tx) => {
        if (body) await tx.save(NativeImportRow, { wecomRuleId, body, createdAtMs });
        else await tx.delete(NativeImportRow, { wecomRuleId });
      });
    },

    async remove(row) {
      if (row.wecomRuleId !== null) await intercept.remove(row.wecomRuleId);
      await database.write(async (tx) => {
        await tx.delete(NativeRuleRow, { id: row.id });
        if (row.wecomRuleId !== null) record(tx, "removed", row.id, row.told);
      });
    },

    async settle(rule, row, { listed, visible }) {
      const body = bodyOf(rule, visible);
      const wecomRuleId = row?.wecomRuleId ?? null;
      if (!row || wecomRuleId === null) {
        await add(rule.key, body);
        return;
      }
      const found = listed.has(wecomRuleId) ? await intercept.get(wecomRuleId) : null;
      const known = [row.told, row.telling, body];
      const isUntouched = found !== null && known.some((one) => sameBody(found, one));
      if (!isUntouched && !row.isRestoring) await noteDrift(row, found);
      else if (!found) await add(rule.key, body);
      else if (!sameBody(found, body)) await update(row, wecomRuleId, found, body);
      else if (row.state !== "in_place" || !sameBody(body, row.told)) await putTold(row, body);
    },
  };
}

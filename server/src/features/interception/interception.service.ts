import { In } from "typeorm";
import type { InterceptionView } from "#shared/contract/interception";
import type { NativeSource } from "#shared/rules/native/express";
import { AppError } from "../../platform/http/app-error.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { DirectoryNames } from "../members/members.service.ts";
import { requestSync } from "./interception.jobs.ts";
import { NativeImportRow, NativeRuleRow, NativeSyncRow, SYNC_ROW } from "./interception.entity.ts";
import { viewInterception } from "./interception-view.ts";

export interface Interception {
  view(): Promise<InterceptionView>;
  /** Looks at WeCom again, and tells it what it does not know yet. */
  sync(): Promise<void>;
  /** Ours instead of what somebody made of it in WeCom's console. */
  restore(partId: string, by: string): Promise<void>;
  countDrifted(): Promise<number>;
  /** How WeCom's side of it stands. */
  standing(): Promise<InterceptionStanding>;
}

export interface InterceptionStanding {
  /** Our rules in WeCom by what became of them. */
  inPlace: number;
  drifted: number;
  refused: number;
  /** When WeCom was last looked at; null before. */
  lookedAtMs: number | null;
  /** Why that failed: WeCom's code, 0 for no answer; null when it did not. */
  errcode: number | null;
}

interface Deps {
  database: Database;
  jobs: Jobs;
  clock: Clock;
  listRules: () => Promise<readonly NativeSource[]>;
  listNames: () => Promise<DirectoryNames>;
}

const DRIFTED = In(["changed", "deleted"]);

export function createInterception(deps: Deps): Interception {
  const { database, clock } = deps;
  return {
    async view() {
      const [rules, rows, imports, sync, names] = await Promise.all([
        deps.listRules(),
        database.read.find(NativeRuleRow),
        database.read.find(NativeImportRow, { order: { createdAtMs: "ASC", wecomRuleId: "ASC" } }),
        database.read.findOneBy(NativeSyncRow, { id: SYNC_ROW }),
        deps.listNames(),
      ]);
      return viewInterception({ rules, rows, imports, sync, names });
    },

    sync: () => database.write((tx) => requestSync(deps, tx, true)),

    async restore(partId, by) {
      await database.write(async (tx) => {
        const { affected } = await tx.update(
          NativeRuleRow,
          { id: partId, state: DRIFTED },
          { isRestoring: true },
        );
        if (affected !== 1) throw new AppError("not_found");
        const entry = { actorId: by, objectId: partId, atMs: clock.now(), details: {} };
        recordEntry(tx, { kind: "interception.restored", ...entry });
        await requestSync(deps, tx, true);
      });
    },

    countDrifted: () => database.read.countBy(NativeRuleRow, { state: DRIFTED }),

    async standing() {
      const [inPlace, drifted, refused, sync] = await Promise.all([
        database.read.countBy(NativeRuleRow, { state: "in_place" }),
        database.read.countBy(NativeRuleRow, { state: DRIFTED }),
        database.read.countBy(NativeRuleRow, { state: "refused" }),
        database.read.findOneBy(NativeSyncRow, { id: SYNC_ROW }),
      ]);
      const lookedAtMs = sync?.finishedAtMs ?? null;
      return { inPlace, drifted, refused, lookedAtMs, errcode: sync?.errcode ?? null };
    },
  };
}

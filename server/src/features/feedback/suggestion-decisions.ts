import { Not, type EntityManager } from "typeorm";
import type { DecidedSuggestion, SuggestedChange } from "#shared/contract/rule-feedback";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { insertAll, isRepeat } from "../../platform/database/insert-new.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { Place, Vault } from "../../platform/vault/vault.ts";
import { RuleSuggestion } from "./feedback.entity.ts";

export interface NewDecision {
  id: string;
  ruleId: string;
  change: SuggestedChange;
  outcome: "accepted" | "dismissed";
  /** Of a dismissal. */
  reason: string;
  by: string;
}

export type PastDecision = Omit<DecidedSuggestion, "title"> & { ruleId: string };

/** What people made of suggestions. */
export interface SuggestionDecisions {
  keep(tx: EntityManager, decision: NewDecision): Promise<void>;
  dismissedIds(): Promise<Set<string>>;
  /** The newest. */
  list(): Promise<PastDecision[]>;
}

interface Details {
  change: SuggestedChange;
  reason: string;
}

const LISTED = 50;
/** A phrase of an exception stands in several people's messages. */
const SUBJECT = "corp";
const placeOf = (id: string): Place => ({
  table: "rule_suggestion",
  column: "details",
  rowId: id,
});

export function createSuggestionDecisions({
  database,
  vault,
  clock,
}: {
  database: Database;
  vault: Vault;
  clock: Clock;
}): SuggestionDecisions {
  return {
    async keep(tx, { id, ruleId, change, outcome, reason, by }) {
      const decidedAtMs = clock.now();
      const sealer = await vault.sealerFor(tx, [SUBJECT]);
      const details = sealer.seal(SUBJECT, placeOf(id), JSON.stringify({ change, reason }));
      // One that was taken and then taken out of the draft again can be decided once more.
      await tx.delete(RuleSuggestion, { id, outcome: Not("dismissed") });
      const row = { id, rule_id: ruleId, outcome, details, decided_by: by };
      await insertAll(tx, "rule_suggestion", [{ ...row, decided_at_ms: decidedAtMs }]).catch(
        (error: unknown) => {
          throw isRepeat(error) ? new AppError("edited_meanwhile") : error;
        },
      );
      recordEntry(tx, {
        kind: `suggestion.${outcome}`,
        actorId: by,
        objectId: ruleId,
        atMs: decidedAtMs,
        details: { change: change.kind, hash: id },
      });
    },

    async dismissedIds() {
      const rows = await database.read.find(RuleSuggestion, {
        select: { id: true },
        where: { outcome: "dismissed" },
      });
      return new Set(rows.map(({ id }) => id));
    },

    async list() {
      const rows = await database.read.find(RuleSuggestion, {
        order: { decidedAtMs: "DESC", id: "ASC" },
        take: LISTED,
      });
      return await Promise.all(
        rows.map(async ({ id, ruleId, outcome, details, decidedBy, decidedAtMs }) => {
          const text = await vault.openText(placeOf(id), details);
          const { change, reason } = JSON.parse(text) as Details;
          return { id, ruleId, change, outcome, reason, decidedBy, decidedAtMs };
        }),
      );
    },
  };
}

import { In } from "typeorm";
import type { EntityManager } from "typeorm";
import { LRUCache } from "lru-cache";
import type { RuleDraft } from "#shared/contract/rule";
import { recordEntry, fingerprint } from "../../platform/ledger/ledger.ts";
import { RuleRevision } from "./rule.entity.ts";
import type { SnapshotItem } from "./snapshot.ts";

/** The wordings of rules, by rule and revision. They never change, so what was read once is kept. */
export interface Wordings {
  find(
    manager: EntityManager,
    items: readonly Pick<SnapshotItem, "ruleId" | "revision">[],
  ): Promise<Map<string, RuleDraft>>;
  /** Puts a wording on record, so that what a message was judged by cannot be changed afterwards. */
  save(tx: EntityManager, wording: NewWording): Promise<number>;
}

interface NewWording {
  ruleId: string;
  definition: RuleDraft;
  by: string;
  atMs: number;
}

const KEPT = 20_000;
/** Well below what the databases take as placeholders. */
const IDS_A_QUERY = 1_000;

export function wordingKey(item: Pick<SnapshotItem, "ruleId" | "revision">): string {
  return `${item.ruleId}@${item.revision}`;
}

export function createWordings(): Wordings {
  const known = new LRUCache<string, RuleDraft>({ max: KEPT });
  return {
    async find(manager, items) {
      const found = new Map<string, RuleDraft>();
      const missing: typeof items = items.filter((item) => {
        const definition = known.get(wordingKey(item));
        if (definition) found.set(wordingKey(item), definition);
        return !definition;
      });
      const wanted = new Set(missing.map(wordingKey));
      for (let from = 0; from < missing.length; from += IDS_A_QUERY) {
        const ids = missing.slice(from, from + IDS_A_QUERY).map(({ ruleId }) => ruleId);
        for (const row of await manager.findBy(RuleRevision, { ruleId: In(ids) })) {
          const key = wordingKey(row);
          if (!wanted.has(key)) continue;
          known.set(key, row.definition);
          found.set(key, row.definition);
        }
      }
      return found;
    },

    async save(tx, { ruleId, definition, by, atMs }) {
      const newest = await tx.maximum(RuleRevision, "revision", { ruleId });
      const revision = (newest ?? 0) + 1;
      await tx.insert(RuleRevision, { ruleId, revision, definition });
      recordEntry(tx, {
        kind: "rule.written",
        actorId: by,
        objectId: ruleId,
        atMs,
        details: { revision, definition: fingerprint(JSON.stringify(definition)) },
      });
      return revision;
    },
  };
}

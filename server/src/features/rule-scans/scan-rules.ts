import { LRUCache } from "lru-cache";
import type { Rule } from "#shared/rules/rule";
import type { HistoryRules } from "../archive/history-scan.ts";
import type { RuleSet, RuleVersions } from "../rules/rule-versions.ts";
import { markRules } from "./marked-rules.ts";
import type { RuleScanRow } from "./rule-scan.entity.ts";

/** The rules that a scan looks for: of a trial those of the draft and of the version in force, marked. */
export interface ScanRules {
  of(scan: Pick<RuleScanRow, "kind" | "hash" | "base">): Promise<HistoryRules>;
}

export interface ScanRulesDeps {
  versions: Pick<RuleVersions, "get" | "find">;
  /** The rules of a set that are on. */
  rulesOf: (set: RuleSet) => readonly Rule[];
}

export function createScanRules({ versions, rulesOf }: ScanRulesDeps): ScanRules {
  /** They never change. */
  const known = new LRUCache<string, HistoryRules>({ max: 2 });
  return {
    async of({ kind, hash, base }) {
      const id = `${kind}:${base}:${hash}`;
      const before = known.get(id);
      if (before) return before;
      const after = rulesOf(await versions.find(hash));
      const lists =
        kind === "look_back" ? [after] : markRules(rulesOf(await versions.get(base)), after);
      const rules = { id, lists };
      known.set(id, rules);
      return rules;
    },
  };
}

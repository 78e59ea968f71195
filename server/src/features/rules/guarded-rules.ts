import { compileRules } from "#shared/rules/compile";
import type { CompiledRules } from "#shared/rules/compile";
import { explain } from "#shared/rules/explain";
import type { MessageFacts } from "#shared/rules/facts";
import type { Rule } from "#shared/rules/rule";
import { reachOf } from "#shared/rules/rule-reach";
import type { RuleReach } from "#shared/rules/rule-reach";
import { asRemoval, scan, scanRemoval } from "#shared/rules/scan";
import type { Finding, ScanOptions } from "#shared/rules/scan";
import { sounds } from "#shared/rules/sound-table";
import { keepExplanations } from "#shared/hit-explanation";
import type { KeptExplanation } from "#shared/hit-explanation";

/** The rules in force, of which none can stop the others. */
export interface GuardedRules {
  /** How far they look beyond a message's text. */
  readonly reach: RuleReach;
  /** Those that have not failed so far. */
  inUse(): readonly Rule[];
  scan(text: string, options: ScanOptions): Finding[];
  /** What the rules say when one side has deleted the other, with how that comes about. */
  judgeRemoval(options: ScanOptions & { facts: MessageFacts }): {
    findings: Finding[];
    explained: Map<string, KeptExplanation>;
  };
  /** How the hits come about, by rule. A message is not lost over that: what cannot be explained is left out. */
  explain(text: string, options: ScanOptions): Map<string, KeptExplanation>;
}

/** Rules that the engine could not work with, and its first complaint. */
export type OnFailure = (rules: readonly Rule[], error: unknown) => void;

interface Engine {
  compile(rules: readonly Rule[]): CompiledRules;
  scan(compiled: CompiledRules, text: string, options: ScanOptions): Finding[];
}

const product: Engine = { compile: (rules) => compileRules(rules, { sounds }), scan };

/**
 * A message must be stored whatever a rule does: one that fails, when it is compiled or over a text, is left out from
 * then on and named to `onFailure`; the others go on.
 */
export function guardRules(
  given: readonly Rule[],
  onFailure: OnFailure,
  engine: Engine = product,
): GuardedRules {
  let rules = given;
  let compiled = withoutFailing((sound) => engine.compile(sound));

  /** Runs `work` with all rules; when it fails, with those that do not make it fail alone. */
  function withoutFailing<T>(work: (rules: readonly Rule[]) => T): T {
    try {
      return work(rules);
    } catch (error) {
      const failing = new Set(rules.filter((rule) => fails(() => work([rule]))));
      // Together only: then none of them can be blamed.
      if (failing.size === 0) throw error;
      onFailure([...failing], error);
      rules = rules.filter((rule) => !failing.has(rule));
      return work(rules);
    }
  }

  const guarded: GuardedRules = {
    reach: reachOf(given),
    inUse: () => rules,
    scan(text, options) {
      try {
        return engine.scan(compiled, text, options);
      } catch {
        return withoutFailing((some) => {
          const others = engine.compile(some);
          const findings = engine.scan(others, text, options);
          if (some === rules) compiled = others;
          return findings;
        });
      }
    },
    explain(text, options) {
      try {
        return keepExplanations(explain(compiled, text, options));
      } catch {
        return new Map();
      }
    },
    judgeRemoval(options) {
      const findings = scanRemoval((some) => guarded.scan("", some), options);
      return { findings, explained: guarded.explain("", asRemoval(options)) };
    },
  };
  return guarded;
}

function fails(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch {
    return true;
  }
}

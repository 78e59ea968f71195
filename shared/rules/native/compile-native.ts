import type { RuleLevel } from "../rule.ts";
import { express, type CoverageGap, type NativeSource } from "./express.ts";
import {
  nativeLimits,
  type NativeAction,
  type NativeRule,
  type NativeSemantics,
} from "./native-rule.ts";

/** What the corp's other rules leave: their number and their names. */
export interface NativeRoom {
  readonly takenRules: number;
  readonly takenNames: readonly string[];
}

/** `full`: all its words are told as they are written. `partial`: some, or some of what it looks for. */
export type Coverage = "full" | "partial" | "none";

/** One marked rule in the coverage report. */
export interface CoverageLine {
  readonly ruleId: string;
  readonly title: string;
  readonly level: RuleLevel;
  readonly action: NativeAction;
  readonly coverage: Coverage;
  readonly toldWords: number;
  readonly wordCount: number;
  readonly semantics: readonly NativeSemantics[];
  /** Rules of WeCom that it takes. */
  readonly nativeRules: number;
  readonly gaps: readonly CoverageGap[];
}

export interface NativeCompilation {
  readonly rules: readonly NativeRule[];
  readonly lines: readonly CoverageLine[];
}

const severity: Record<RuleLevel, number> = { forbidden: 0, caution: 1, notice: 2 };

/** Gaps that say how it works there rather than what is missing. */
const remarks: readonly CoverageGap["kind"][] = [
  "variants",
  "wider",
  "placeholder",
  "confidential_told",
];

/** A forbidden sentence is held back; of a milder one WeCom warns, and the member decides. */
export function actionOf(level: RuleLevel): NativeAction {
  return level === "forbidden" ? "block" : "warn";
}

/** Starts with as many characters as fit, never half a one. */
function cut(text: string, units: number): string {
  let end = "";
  for (const character of text) {
    if (end.length + character.length > units) break;
    end += character;
  }
  return end;
}

/** The title, or its start with a number where that name is taken already. */
function nameFor(title: string, taken: Set<string>): string {
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? "" : `·${number}`;
    const name = `${cut(title.trim() || "规则", nativeLimits.nameUnits - suffix.length)}${suffix}`;
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}

function partsOf(words: readonly string[]): (readonly string[])[] {
  const parts = [];
  for (let from = 0; from < words.length; from += nativeLimits.words) {
    parts.push(words.slice(from, from + nativeLimits.words));
  }
  return parts;
}

/**
 * From our rules to WeCom's. Pure and stable: the same rules give the same result, and one rule's change leaves the
 * others' alone. Where the corp's limit is reached, the gravest rules come first and a rule goes whole or not at all.
 */
export function compileNative(
  sources: readonly NativeSource[],
  room: NativeRoom,
): NativeCompilation {
  const marked = sources.filter(({ native }) => native !== undefined);
  const taken = new Set(room.takenNames);
  const expressed = [...marked]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((source) => {
      const expression = express(source);
      const parts = partsOf(expression.words).map((words) => ({
        words,
        name: nameFor(source.title, taken),
      }));
      return { source, expression, parts };
    })
    .sort((a, b) => severity[a.source.level] - severity[b.source.level]);

  const rules: NativeRule[] = [];
  const lines = expressed.map(({ source, expression, parts }): CoverageLine => {
    const { id, title, level, native } = source;
    const isRoom = room.takenRules + rules.length + parts.length <= nativeLimits.rules;
    const action = actionOf(level);
    const { memberIds = [], departmentIds = [] } = native ?? {};
    const told = (isRoom ? parts : []).map(({ words, name }, part) => ({
      key: `${id}#${part + 1}`,
      ruleId: id,
      name,
      words,
      // What is looked for besides words need be said once.
      semantics: part === 0 ? expression.semantics : [],
      action,
      range: { memberIds, departmentIds },
    }));
    rules.push(...told);
    const gaps: readonly CoverageGap[] = isRoom
      ? expression.gaps
      : [{ kind: "no_room", words: expression.words.length }];
    const isPlaceholder = gaps.some(({ kind }) => kind === "placeholder");
    return {
      ruleId: id,
      title,
      level,
      action,
      coverage: coverageOf(told.length, gaps),
      toldWords: isRoom && !isPlaceholder ? expression.words.length : 0,
      wordCount: expression.wordCount,
      semantics: told[0]?.semantics ?? [],
      nativeRules: told.length,
      gaps,
    };
  });
  return { rules, lines };
}

function coverageOf(told: number, gaps: readonly CoverageGap[]): Coverage {
  if (told === 0) return "none";
  return gaps.every(({ kind }) => remarks.includes(kind)) ? "full" : "partial";
}

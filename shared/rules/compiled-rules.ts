/**
 * Compiled rules as they are used: a buffer that compile.ts built, loaded without parsing. A browser or a worker
 * that only scans imports this file, which stands on none of the tables that compiling needs.
 */
import { leavesOf } from "./condition.ts";
import { mayHoldByFacts } from "./condition-problem.ts";
import { createLeafFinder, type LeafFinder } from "./leaf-finder.ts";
import { loadLooseLayer, sectionsPerLooseLayer, type LooseLayer } from "./loose-layer.ts";
import { unpackSections, type Section } from "./packed.ts";
import { loadPhrases, sectionsPerPhrases, type Phrases } from "./phrases.ts";
import { loadPlainLayer, sectionsPerPlainLayer, type PlainLayer } from "./plain-layer.ts";
import type { Rule } from "./rule.ts";
import { reachOf, type RuleReach } from "./rule-reach.ts";
import { readRawUnits, type RawReadings } from "./sound-filter.ts";
import { loadSoundLayer, sectionsPerSoundLayer, type SoundLayer } from "./sound-layer.ts";

/** Compiled rules. Opaque: make it with {@link compileRules}, use it with `scan` and `explain`. */
export interface CompiledRules {
  readonly ruleCount: number;
  /** Distinct folded words. */
  readonly wordCount: number;
}

/** A rule that looks at every text. */
export interface WatchfulRule {
  readonly rule: number;
  readonly leaves: readonly { readonly leaf: number; readonly find: LeafFinder }[];
}

/** What a {@link CompiledRules} is inside; for this folder alone. */
export interface CompiledParts extends CompiledRules {
  readonly buffer: ArrayBuffer;
  readonly rules: readonly Rule[];
  /** Every word of every rule, rule after rule; a word is named by its place here. */
  readonly words: Phrases;
  /** Word → index of its rule. */
  readonly ruleOfWord: Uint32Array<ArrayBuffer>;
  /** Word → 0 for a rule's own, else 1 + the leaf of the rule's condition that has it. */
  readonly leafOfWord: Uint16Array<ArrayBuffer>;
  /** Rules whose condition asks for a value or a pattern, so that a text without words may hit. */
  readonly watchful: readonly WatchfulRule[];
  /** Rules whose condition may hold by facts alone, so that a text in which nothing is found may hit. */
  readonly unprompted: readonly number[];
  /** Which rules look beyond one message; worked out when a message comes with others. */
  readonly reach: RuleReach;
  readonly plain: PlainLayer;
  /** The part of `plain` that has to be looked for though nothing stands in a text loosely. */
  readonly strict: PlainLayer;
  readonly hasStrict: boolean;
  /** Is nothing else looked for: no word in disguise, no value, no pattern? */
  readonly isStrictAlone: boolean;
  readonly loose: LooseLayer;
  readonly sound: SoundLayer;
  /** Absent when nothing is looked for by its sound. */
  readonly rawReadings: RawReadings | undefined;
  /** The rules' own word for which another spelling (俗写) stands; of the rules' own words itself. */
  readonly wordMeantBy: (word: number) => number;
}

/** The inside of compiled rules; for this folder alone. */
export function partsOf(compiled: CompiledRules): CompiledParts {
  // loadRules is the only maker of CompiledRules and always makes CompiledParts.
  return compiled as CompiledParts;
}

/** A rule without the lists that are packed beside it. */
export type RuleHead = Omit<Rule, "words" | "exceptions"> & {
  wordCount: number;
  skipped: number;
  exceptionCount: number;
};

/** The rules as they were compiled. */
function readRules(heads: Uint8Array, words: Phrases, exceptions: Phrases): Rule[] {
  // serializeRules is the only maker; the checksum vouches for the text.
  const list = JSON.parse(new TextDecoder().decode(heads)) as RuleHead[];
  let [word, exception] = [0, 0];
  return list.map(({ wordCount, skipped, exceptionCount, ...rest }) => {
    const own = Array.from({ length: wordCount }, () => words.get(word++));
    word += skipped;
    const excused = Array.from({ length: exceptionCount }, () => exceptions.get(exception++));
    return { ...rest, words: own, exceptions: excused };
  });
}

function listWatchful(rules: readonly Rule[]): WatchfulRule[] {
  return rules.flatMap(({ condition }, rule) => {
    const leaves = (condition === undefined ? [] : leavesOf(condition)).flatMap((one, leaf) => {
      const find = createLeafFinder(one);
      return find === undefined ? [] : [{ leaf, find }];
    });
    return leaves.length === 0 ? [] : [{ rule, leaves }];
  });
}

function listUnprompted(rules: readonly Rule[]): number[] {
  return rules.flatMap(({ condition }, rule) =>
    condition !== undefined && mayHoldByFacts(condition) ? [rule] : [],
  );
}

/** Uses a buffer of {@link serializeRules} in place. Throws a `PackedError` when it is not one. */
export function loadRules(buffer: ArrayBuffer): CompiledRules {
  const sections = unpackSections(buffer);
  let at = 0;
  const take = (count: number): Section[] => sections.slice(at, (at += count));
  // The order and the kinds are those of serializeRules, whose version the header names.
  const [heads, counts, ruleOfWord, leafOfWord, aliased] = take(5) as [
    Uint8Array<ArrayBuffer>,
    Uint32Array<ArrayBuffer>,
    Uint32Array<ArrayBuffer>,
    Uint16Array<ArrayBuffer>,
    Uint32Array<ArrayBuffer>,
  ];
  const words = loadPhrases(take(sectionsPerPhrases));
  const exceptions = loadPhrases(take(sectionsPerPhrases));
  const plain = loadPlainLayer(take(sectionsPerPlainLayer));
  const strict = take(sectionsPerPlainLayer);
  const loose = loadLooseLayer(take(sectionsPerLooseLayer));
  const sound = loadSoundLayer(take(sectionsPerSoundLayer));
  let rules: Rule[] | undefined;
  let reach: RuleReach | undefined;
  const hasConditions = counts[2] === 1;
  const watchful = hasConditions ? listWatchful(readRules(heads, words, exceptions)) : [];
  const strictLayer = loose.words.length === 0 ? plain : loadPlainLayer(strict);
  const parts: CompiledParts = {
    buffer,
    ruleCount: counts[0] ?? 0,
    wordCount: counts[1] ?? 0,
    // Read when the first word is found: most texts have none.
    get rules() {
      return (rules ??= readRules(heads, words, exceptions));
    },
    words,
    ruleOfWord,
    leafOfWord,
    watchful,
    unprompted: hasConditions ? listUnprompted(readRules(heads, words, exceptions)) : [],
    get reach() {
      return (reach ??= reachOf(parts.rules));
    },
    plain,
    strict: strictLayer,
    hasStrict: strictLayer.words.length > 0,
    isStrictAlone: loose.words.length === 0 && watchful.length === 0,
    loose,
    sound,
    rawReadings: sound.words.length === 0 ? undefined : readRawUnits(loose, sound),
    wordMeantBy: (word) => aliased[word - ruleOfWord.length] ?? word,
  };
  return parts;
}

/** The rules that were compiled, e.g. from a buffer. */
export function decompileRules(compiled: CompiledRules): readonly Rule[] {
  return partsOf(compiled).rules;
}

/** The buffer that holds compiled rules, for {@link loadRules} elsewhere. */
export function bufferOf(compiled: CompiledRules): ArrayBuffer {
  return partsOf(compiled).buffer;
}

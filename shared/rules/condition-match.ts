/** Brings together what was found of a rule in a message, in the messages around it and in the facts about it. */
import type { CompiledParts } from "./compiled-rules.ts";
import { leavesOf, type Condition, type Place } from "./condition.ts";
import { evaluate, type ConditionTrace, type ConditionView } from "./evaluate.ts";
import { holdsFact } from "./facts.ts";
import { foldText, originalRange, type FoldedText } from "./fold.ts";
import { isExcused, visitMatches } from "./match.ts";
import type { Rule } from "./rule.ts";
import type { ScanOptions } from "./scan-options.ts";
import {
  isSplit,
  joinPlace,
  splitPlace,
  splitWindow,
  windowsAround,
  type JoinedWindow,
  type Surroundings,
} from "./window.ts";

/** A word, value or pattern found; `leaf` as in `CompiledParts.leafOfWord`. */
export interface FoundLeaf extends Place {
  readonly leaf: number;
}

/** What became of one rule. */
export interface RuleTrace {
  readonly holds: boolean;
  /** Absent when the rule has no condition and nothing of it was split. */
  readonly condition?: ConditionTrace | undefined;
  readonly places: readonly Place[];
}

/** A rule's words in a text, by rule. */
type FoundWords = ReadonlyMap<number, readonly FoundLeaf[]>;

/** Exceptions excuse values and patterns as they do words: what lies wholly inside one does not count. */
function isInException(place: Place, rule: Rule, folded: FoldedText): boolean {
  return rule.exceptions.some((exception) => {
    const form = foldText(exception).text;
    if (form === "") return false;
    for (let at = folded.text.indexOf(form); at >= 0; at = folded.text.indexOf(form, at + 1)) {
      const { start, end } = originalRange(folded, at, at + form.length);
      if (start <= place.start && place.end <= end) return true;
    }
    return false;
  });
}

const ownWords: Condition = { kind: "words", words: null };

/** Finds the leaves of one rule in a text. */
function leafPlaces(
  parts: CompiledParts,
  index: number,
  { text, words }: { text: string; words: readonly FoundLeaf[] },
): (leaf: number) => readonly Place[] {
  const rule = parts.rules[index];
  const leaves = leavesOf(rule?.condition ?? ownWords);
  const finders = parts.watchful.find((one) => one.rule === index)?.leaves ?? [];
  let folded: FoldedText | undefined;
  return (number) => {
    const leaf = leaves[number];
    if (leaf?.kind === "words") {
      const wanted = leaf.words === null ? 0 : 1 + number;
      return words.filter((word) => word.leaf === wanted);
    }
    const places = finders.find((finder) => finder.leaf === number)?.find(text) ?? [];
    if (rule === undefined || places.length === 0) return places;
    const seen = (folded ??= foldText(text));
    return places.filter((place) => !isInException(place, rule, seen));
  };
}

/** Most words of one rule in one text of a window. */
const mostWords = 100;

function findWords(
  parts: CompiledParts,
  text: string,
  isWanted: (rule: number) => boolean,
): FoundWords {
  const found = new Map<number, FoundLeaf[]>();
  visitMatches(parts, text, {
    isFull: (rule) => !isWanted(rule) || (found.get(rule)?.length ?? 0) >= mostWords,
    visit(match) {
      if (isExcused(match)) return;
      const { rule, word, start, end } = match;
      const leaf = { leaf: parts.leafOfWord[word] ?? 0, start, end, word: parts.words.get(word) };
      found.set(rule, [...(found.get(rule) ?? []), leaf]);
    },
  });
  return found;
}

/** Everything that is asked of the rules about one message; what several rules need is worked out once. */
export class MessageMatch {
  readonly #parts: CompiledParts;
  readonly #text: string;
  readonly #options: ScanOptions;
  readonly #around: Surroundings | undefined;
  readonly #words = new Map<string, FoundWords>();

  constructor(parts: CompiledParts, text: string, options: ScanOptions) {
    this.#parts = parts;
    this.#text = text;
    this.#options = options;
    const { before = [], after = [], sentAtMs = 0 } = options;
    const isAlone = before.length + after.length === 0;
    this.#around = isAlone ? undefined : { text, sentAtMs, before, after };
  }

  /** The texts of the windows, in which something may stand that does not stand in the message. */
  joinedTexts(): string[] {
    const { widest } = this.#parts.reach;
    if (this.#around === undefined || widest === undefined) return [];
    return windowsAround(this.#around, widest).map(({ text }) => text);
  }

  /** `words` are the rule's words that count in the message itself. */
  trace(index: number, words: readonly FoundLeaf[]): RuleTrace {
    const rule = this.#parts.rules[index];
    if (rule === undefined) return { holds: false, places: [] };
    const own = this.#traceOwn(rule, index, words);
    if (this.#around === undefined || !this.#parts.reach.split.has(index)) return own;
    const split = this.#traceSplit(rule, index);
    if (split === undefined) return own;
    const places = [...own.places, ...split.places];
    return { holds: true, places, condition: own.holds ? own.condition : split };
  }

  #traceOwn(rule: Rule, index: number, words: readonly FoundLeaf[]): RuleTrace {
    if (rule.condition === undefined) return { holds: words.length > 0, places: words };
    const placesOf = leafPlaces(this.#parts, index, { text: this.#text, words });
    const condition = evaluate(rule.condition, { placesOf, ...this.#surroundings(index) });
    const isOurs = !this.#parts.reach.windowed.has(index) || concernsPresent(condition);
    return { holds: condition.holds && isOurs, condition, places: condition.places };
  }

  #surroundings(index: number): Pick<ConditionView, "holdsFact" | "windowsOf"> {
    const around = this.#around;
    const facts = this.#options.facts ?? {};
    return {
      holdsFact: (fact) => holdsFact(fact, facts),
      ...(around && {
        windowsOf: (size) =>
          windowsAround(around, size).map((window) => ({
            placesOf: this.#windowPlaces(index, window),
            split: (place) => splitPlace(window, place),
          })),
      }),
    };
  }

  /** What stands in the messages by themselves, and what is split over them. */
  #windowPlaces(index: number, window: JoinedWindow): (leaf: number) => readonly Place[] {
    const over = this.#placesIn(index, window.text);
    const inside = window.parts.map((part) => ({ part, find: this.#placesIn(index, part.text) }));
    return (leaf) => [
      ...inside.flatMap(({ part, find }) => find(leaf).map((place) => joinPlace(part, place))),
      ...over(leaf).filter((place) => isSplit(window, place)),
    ];
  }

  #placesIn(index: number, text: string): (leaf: number) => readonly Place[] {
    return leafPlaces(this.#parts, index, { text, words: this.#wordsIn(text).get(index) ?? [] });
  }

  #wordsIn(text: string): FoundWords {
    const known = this.#words.get(text);
    if (known !== undefined) return known;
    const { windowed, split } = this.#parts.reach;
    const found = findWords(this.#parts, text, (rule) => windowed.has(rule) || split.has(rule));
    this.#words.set(text, found);
    return found;
  }

  #traceSplit(rule: Rule, index: number): ConditionTrace | undefined {
    if (this.#around === undefined) return undefined;
    const condition: Condition = { kind: "window", ...splitWindow, of: rule.condition ?? ownWords };
    const views = windowsAround(this.#around, splitWindow).map((window) => {
      const find = this.#placesIn(index, window.text);
      const split = (place: Place): Place[] => splitPlace(window, place);
      const touchesPresent = (place: Place): boolean =>
        split(place).some(({ message }) => message === undefined);
      const placesOf = (leaf: number): Place[] =>
        find(leaf).filter((place) => isSplit(window, place) && touchesPresent(place));
      return { placesOf, split };
    });
    const trace = evaluate(condition, { placesOf: () => [], windowsOf: () => views });
    return trace.holds ? trace : undefined;
  }
}

/** What a window holds without the present message was told when the last of its messages came. */
function concernsPresent(trace: ConditionTrace): boolean {
  return (
    trace.places.some(({ message }) => message === undefined) ||
    listHeldFacts(trace).some(
      ({ kind }) => kind === "content" || kind === "recall" || kind === "removal",
    )
  );
}

function listHeldFacts(trace: ConditionTrace): Condition[] {
  const below = trace.of.flatMap(listHeldFacts);
  return trace.holds && trace.of.length === 0 ? [trace.condition, ...below] : below;
}

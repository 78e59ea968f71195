/**
 * Matches patterns in linear time: all ways through the pattern are followed at once, one step for each unit of
 * the text (Thompson's construction, as RE2 does), so that no pattern can hang a scan. Finds the leftmost longest
 * places that do not overlap.
 */
import {
  parsePattern,
  PatternError,
  patternLimits,
  type PatternNode,
  type Ranges,
} from "./pattern-parse.ts";
import { isOneRun } from "./word-edge.ts";

type Step =
  | { readonly op: "unit"; readonly ranges: Ranges; readonly isNegated: boolean }
  | { readonly op: "split"; first: number; second: number }
  | { readonly op: "start" | "end" | "edge" | "match" };

export interface Pattern {
  readonly source: string;
  readonly steps: readonly Step[];
}

function emit(node: PatternNode, steps: Step[]): void {
  if (steps.length > patternLimits.size) throw new PatternError("展开后太长，请减少重复次数", 0);
  switch (node.kind) {
    case "empty":
      return;
    case "unit":
      steps.push({ op: "unit", ranges: node.ranges, isNegated: node.isNegated });
      return;
    case "start":
    case "end":
    case "edge":
      steps.push({ op: node.kind });
      return;
    case "sequence":
      for (const part of node.of) emit(part, steps);
      return;
    case "choice":
      emitChoice(node.of, steps);
      return;
    case "repeat":
      emitRepeat(node, steps);
  }
}

function pushSplit(steps: Step[]): { op: "split"; first: number; second: number } {
  const split = { op: "split" as const, first: steps.length + 1, second: steps.length + 1 };
  steps.push(split);
  return split;
}

function emitChoice(parts: readonly PatternNode[], steps: Step[]): void {
  const ends: { first: number; second: number }[] = [];
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    const split = isLast ? undefined : pushSplit(steps);
    emit(part, steps);
    if (split === undefined) break;
    ends.push(pushSplit(steps));
    split.second = steps.length;
  }
  for (const end of ends) end.first = end.second = steps.length;
}

function emitRepeat(node: PatternNode & { kind: "repeat" }, steps: Step[]): void {
  for (let count = 0; count < node.least; count++) emit(node.of, steps);
  if (node.most === Infinity) {
    const split = pushSplit(steps);
    const start = steps.length;
    emit(node.of, steps);
    const back = pushSplit(steps);
    back.first = start;
    split.second = back.second = steps.length;
    return;
  }
  const splits: { second: number }[] = [];
  for (let count = node.least; count < node.most; count++) {
    splits.push(pushSplit(steps));
    emit(node.of, steps);
  }
  for (const split of splits) split.second = steps.length;
}

/** Throws a {@link PatternError}, also for a pattern that would match nothing at all everywhere. */
export function compilePattern(source: string): Pattern {
  const steps: Step[] = [];
  emit(parsePattern(source), steps);
  steps.push({ op: "match" });
  const pattern = { source, steps };
  if (new PatternRun(pattern, "").next(0, true) !== undefined) {
    throw new PatternError("这个写法连空内容也会命中，请写得具体一些", 0);
  }
  return pattern;
}

function holds({ ranges, isNegated }: Step & { op: "unit" }, unit: number): boolean {
  for (const [first, last] of ranges) if (unit >= first && unit <= last) return !isNegated;
  return isNegated;
}

interface Place {
  readonly start: number;
  readonly end: number;
}

/** All ways through a pattern at one offset of a text: for each step the leftmost start that leads there. */
class PatternRun {
  private readonly steps: readonly Step[];
  private readonly text: string;
  private readonly startOf: Int32Array;
  private active: number[] = [];
  private best: Place | undefined;

  constructor({ steps }: Pattern, text: string) {
    this.steps = steps;
    this.text = text;
    this.startOf = new Int32Array(steps.length);
  }

  private passes(op: "start" | "end" | "edge", at: number): boolean {
    if (op === "start") return at === 0;
    if (op === "end") return at === this.text.length;
    const [before, after] = [this.text.charCodeAt(at - 1), this.text.charCodeAt(at)];
    return at === 0 || at === this.text.length || !isOneRun(before, after);
  }

  private enter(first: number, at: number, start: number): void {
    const waiting = [first];
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      // 0 = not there; starts are kept one higher.
      if (this.startOf[index] !== 0) continue;
      this.startOf[index] = start + 1;
      const step = this.steps[index];
      if (step === undefined) continue;
      if (step.op === "split") waiting.push(step.second, step.first);
      else if (step.op === "unit") this.active.push(index);
      else if (step.op === "match") {
        if (this.best === undefined || start <= this.best.start) this.best = { start, end: at };
      } else if (this.passes(step.op, at)) waiting.push(index + 1);
    }
  }

  /** Does a place further left stand already? */
  private isBehind(start: number): boolean {
    return this.best !== undefined && start > this.best.start;
  }

  private hasBest(): boolean {
    return this.best !== undefined;
  }

  private forgetEmpty(): void {
    if (this.best?.start === this.best?.end) this.best = undefined;
  }

  /** The first place from `from` on; an empty one only when asked for. */
  next(from: number, isEmptyMeant = false): Place | undefined {
    this.best = undefined;
    this.active = [];
    for (let at = from; at <= this.text.length; at++) {
      const before = this.active;
      const starts = before.map((index) => (this.startOf[index] ?? 0) - 1);
      this.startOf.fill(0);
      this.active = [];
      const unit = this.text.charCodeAt(at - 1);
      for (const [order, index] of before.entries()) {
        const step = this.steps[index];
        const start = starts[order] ?? 0;
        if (step?.op !== "unit" || this.isBehind(start)) continue;
        if (holds(step, unit)) this.enter(index + 1, at, start);
      }
      if (!this.hasBest()) this.enter(0, at, at);
      if (!isEmptyMeant) this.forgetEmpty();
      if (this.hasBest() && this.active.length === 0) return this.best;
    }
    return this.best;
  }
}

/** At most `most` places in a folded text. */
export function findPattern(pattern: Pattern, folded: string, most: number): Place[] {
  const run = new PatternRun(pattern, folded);
  const places: Place[] = [];
  let place = run.next(0);
  while (place !== undefined && places.length < most) {
    places.push(place);
    place = run.next(place.end);
  }
  return places;
}

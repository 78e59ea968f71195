/** What is wrong with a condition before it is ever asked. Pure; bounded, whatever it is given. */
import {
  childrenOf,
  conditionLimits,
  isLeaf,
  nodesOf,
  type Condition,
  type Place,
} from "./condition.ts";
import { evaluate } from "./evaluate.ts";
import { isFact, scenes, type FactCondition } from "./facts.ts";

/** Before anything that visits all of it: a hostile tree may be deeper than the stack. */
function findTooLarge(condition: Condition): "too_many" | "too_deep" | undefined {
  let level: readonly Condition[] = [condition];
  let nodes = 0;
  for (let depth = 0; level.length > 0; depth++) {
    nodes += level.length;
    if (nodes > conditionLimits.nodes) return "too_many";
    if (depth >= conditionLimits.depth) return "too_deep";
    level = level.flatMap(childrenOf);
  }
  return undefined;
}

const problems = {
  too_many: "the condition has too many parts",
  too_deep: "the condition is nested too deeply",
  empty: "a group of the condition is empty",
  nested_window: "a window of the condition lies in another",
  always: "the condition holds for every text",
  nothing_said: "the condition asks for nothing in the message itself",
  never: "the condition can never hold",
} as const;
export type ConditionProblem = keyof typeof problems;

/** A condition that could not be scanned with, or that says nothing. */
export class ConditionError extends RangeError {
  override name = "ConditionError";
  readonly problem: ConditionProblem;

  constructor(ruleId: string, problem: ConditionProblem) {
    super(`Rule ${ruleId}: ${problems[problem]}.`);
    this.problem = problem;
  }
}

/** Undefined when nothing is wrong. */
export function findConditionProblem(condition: Condition): ConditionProblem | undefined {
  const tooLarge = findTooLarge(condition);
  if (tooLarge !== undefined) return tooLarge;
  const nodes = nodesOf(condition);
  if (nodes.some(isEmpty)) return "empty";
  const windows = nodes.filter((node) => node.kind === "window");
  if (windows.some(({ of }) => nodesOf(of).some(({ kind }) => kind === "window")))
    return "nested_window";
  if (evaluate(condition, { placesOf: () => [] }).holds) return "always";
  if (mayHoldBy(condition, ({ kind }) => !ofMessage.has(kind))) return "nothing_said";
  return isContradictory(condition) ? "never" : undefined;
}

function isEmpty(node: Condition): boolean {
  switch (node.kind) {
    case "all":
    case "any":
    case "near":
    case "sequence":
      return node.of.length === 0;
    case "words":
      return node.words?.length === 0;
    case "scene":
    case "content":
      return node.anyOf.length === 0;
    case "customer":
      return node.tags.length === 0;
    case "member":
      return node.memberIds.length + node.departmentIds.length === 0;
    case "value":
    case "pattern":
    case "not":
    case "count":
    case "window":
    case "time":
    case "recall":
    case "removal":
      return false;
  }
}

/** Facts about the one message; the others are the same for very many. */
const ofMessage = new Set(["content", "recall"]);

/** May it hold for a message though nothing of it stands in the text, by facts alone? */
export function mayHoldByFacts(condition: Condition): boolean {
  return nodesOf(condition).some(isFact) && mayHoldBy(condition, () => true);
}

/** Could a message without any words make it hold, when the facts that are `given` are as they would have to be? */
function mayHoldBy(condition: Condition, given: (fact: FactCondition) => boolean): boolean {
  // Facts under a negation help by not being so.
  const helpful = new Map<Condition, boolean>();
  const mark = (node: Condition, isNegated: boolean): void => {
    if (isFact(node) && given(node)) helpful.set(node, !isNegated);
    for (const child of childrenOf(node)) mark(child, node.kind === "not" ? !isNegated : isNegated);
  };
  mark(condition, false);
  return evaluate(condition, {
    placesOf: () => [],
    holdsFact: (fact) => fact.kind !== "removal" && helpful.get(fact),
  }).holds;
}

/** Cases that are tried; a condition of more independent parts is taken to be possible. */
const mostCases = 1024;

interface Unknown {
  readonly cases: number;
  /** Does the part hold in this case? */
  readonly holds: (one: number) => boolean;
  readonly name: string;
}

/** Equal parts are so together, and a message has one scene and one time. */
function unknownOf(node: Condition): Unknown {
  if (node.kind === "scene") {
    const holds = (one: number): boolean => node.anyOf.some((scene) => scene === scenes[one]);
    return { name: "scene", cases: scenes.length, holds };
  }
  if (node.kind === "time")
    return { name: "time", cases: 2, holds: (one) => (one === 1) === node.isWorkingTime };
  return { name: JSON.stringify(node), cases: 2, holds: (one) => one === 1 };
}

/** Enough places, apart and in every order, that distances and counts never stand in the way. */
function placesEverywhere(leaf: number, leaves: number): Place[] {
  return Array.from({ length: 120 }, (_, round) => {
    const start = (round * leaves + leaf) * 2;
    return { start, end: start + 1 };
  });
}

/** No assignment of its leaves makes it hold; distances are taken to be kept. */
function isContradictory(condition: Condition): boolean {
  const leaves = nodesOf(condition).filter(isLeaf);
  const parts = nodesOf(condition).filter((node) => isLeaf(node) || isFact(node));
  const unknowns = new Map(parts.map((node) => [unknownOf(node).name, unknownOf(node).cases]));
  const total = [...unknowns.values()].reduce((product, cases) => product * cases, 1);
  if (total > mostCases) return false;
  const relaxed = relax(condition);
  const places = leaves.map((_, leaf) => placesEverywhere(leaf, leaves.length));
  for (let one = 0; one < total; one++) {
    const holds = caseOf(one, unknowns);
    if (isImpossible(parts, holds)) continue;
    const placesOf = (leaf: number): readonly Place[] => {
      const node = leaves[leaf];
      return node !== undefined && holds(node) ? (places[leaf] ?? []) : [];
    };
    if (evaluate(relaxed, { placesOf, holdsFact: holds }).holds) return false;
  }
  return true;
}

/** Who deletes somebody says nothing with it, and does it between two. */
function isImpossible(parts: readonly Condition[], holds: (node: Condition) => boolean): boolean {
  const isRemoval = parts.some((node) => node.kind === "removal" && holds(node));
  return (
    isRemoval &&
    parts.some((node) =>
      node.kind === "scene"
        ? node.anyOf.includes("single") !== holds(node)
        : (isLeaf(node) || ofMessage.has(node.kind)) && holds(node),
    )
  );
}

/** With distances as wide as they may be needed. */
function relax(condition: Condition): Condition {
  if (isLeaf(condition) || isFact(condition)) return condition;
  if (condition.kind === "near")
    return { ...condition, within: Infinity, of: condition.of.map(relax) };
  if ("of" in condition && Array.isArray(condition.of))
    return { ...condition, of: condition.of.map(relax) } as Condition;
  return { ...condition, of: relax(condition.of as Condition) } as Condition;
}

/** What holds in the case of this number. */
function caseOf(one: number, unknowns: ReadonlyMap<string, number>): (node: Condition) => boolean {
  const chosen = new Map<string, number>();
  let rest = one;
  for (const [name, cases] of unknowns) {
    chosen.set(name, rest % cases);
    rest = Math.floor(rest / cases);
  }
  return (node) => {
    const { name, holds } = unknownOf(node);
    return holds(chosen.get(name) ?? 0);
  };
}

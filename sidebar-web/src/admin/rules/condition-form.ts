/** Composed conditions as they are edited: what kinds there are, and one made into another. Pure. */
import { childrenOf, type Condition } from "#shared/rules/condition";
import type { NodeKind } from "../../explanation/condition-kind.ts";

export const groupKinds = ["all", "any", "not", "near", "sequence", "count", "window"] as const;
export const leafKinds = [
  "own",
  "words",
  "value",
  "pattern",
  "content",
  "recall",
  "removal",
] as const;
export const factKinds = ["scene", "time", "member", "customer"] as const;

/** Holds any number of parts; the other groups hold one. */
export function holdsMany(kind: NodeKind): boolean {
  return kind === "all" || kind === "any" || kind === "near" || kind === "sequence";
}

export function isGroup(kind: NodeKind): boolean {
  return groupKinds.some((group) => group === kind);
}

export const ownWords: Condition = { kind: "words", words: null };

/** Several parts where there is room for one hold together as they did: all of them. */
function one(parts: readonly Condition[]): Condition {
  const [first = ownWords] = parts;
  return parts.length > 1 ? { kind: "all", of: parts } : first;
}

/** A node of the kind, with the parts of the one before it where it may have any. */
export function convert(node: Condition, kind: NodeKind): Condition {
  const children = childrenOf(node);
  const parts = children.length > 0 ? children : [node];
  switch (kind) {
    case "own":
      return ownWords;
    case "words":
      return { kind, words: [] };
    case "value":
      return { kind, value: "mobile" };
    case "pattern":
      return { kind, pattern: "" };
    case "all":
    case "any":
      return { kind, of: parts };
    case "sequence":
      return { kind, of: parts.length > 1 ? parts : [...parts, { kind: "words", words: [] }] };
    case "near": {
      const of: Condition[] =
        parts.length > 1 ? [...parts] : [...parts, { kind: "words", words: [] }];
      return { kind, within: 10, isOrdered: false, of };
    }
    case "not":
      return { kind, of: one(parts) };
    case "count":
      return { kind, atLeast: 2, of: one(parts) };
    case "window":
      return { kind, messages: 5, minutes: 10, of: one(parts) };
    case "content":
      return { kind, anyOf: ["card"] };
    case "recall":
      return { kind, withinMinutes: 2 };
    case "removal":
      return { kind };
    case "scene":
      return { kind, anyOf: ["single"] };
    case "time":
      return { kind, isWorkingTime: false };
    case "member":
      return { kind, departmentIds: [], memberIds: [] };
    case "customer":
      return { kind, tags: [] };
  }
}

/** The node with other parts; one that held a single part takes the first. */
export function withChildren(node: Condition, parts: readonly Condition[]): Condition {
  switch (node.kind) {
    case "all":
    case "any":
    case "near":
    case "sequence":
      return { ...node, of: parts };
    case "not":
    case "count":
    case "window":
      return { ...node, of: one(parts) };
    case "words":
    case "value":
    case "pattern":
    case "content":
    case "recall":
    case "removal":
    case "scene":
    case "time":
    case "member":
    case "customer":
      return node;
  }
}

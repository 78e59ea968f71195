import type { Rule } from "#shared/rules/rule";

/**
 * Two sets of rules as one, so that one pass over a text tells what both find: `=` before the id of a rule that is in
 * both with the same wording, `-` of one only in the first, `+` of one only in the second. A rule whose wording
 * differs is there twice.
 */
export function markRules(before: readonly Rule[], after: readonly Rule[]): Rule[][] {
  const key = ({ id, revision }: Rule): string => `${id}@${revision}`;
  const [inBefore, inAfter] = [new Set(before.map(key)), new Set(after.map(key))];
  const mark = (rule: Rule, sign: Mark): Rule => ({ ...rule, id: sign + rule.id });
  return [
    before.map((rule) => mark(rule, inAfter.has(key(rule)) ? "=" : "-")),
    after.filter((rule) => !inBefore.has(key(rule))).map((rule) => mark(rule, "+")),
  ];
}

export type Mark = "=" | "-" | "+";

export function readMark(id: string): { mark: Mark; ruleId: string } {
  const mark = id.charAt(0);
  if (mark !== "=" && mark !== "-" && mark !== "+") throw new Error("a rule without a mark");
  return { mark, ruleId: id.slice(1) };
}

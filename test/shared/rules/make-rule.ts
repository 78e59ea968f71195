import type { Rule } from "#shared/rules/rule";

/** A rule for tests; everything that a test does not name has an unremarkable value. */
export function makeRule(rule: Partial<Rule>): Rule {
  return {
    id: "test.rule",
    title: "测试规则",
    category: "测试",
    level: "caution",
    speaker: "either",
    words: [],
    exceptions: [],
    clause: "测试条款",
    reason: "测试原因。",
    suggestion: "测试说法。",
    revision: 1,
    variants: "off",
    isConfidential: false,
    ...rule,
  };
}

import type { RuleView } from "#shared/contract/rule";
import { compareForms } from "../../../sidebar-web/src/admin/rules/rule-conflict.ts";
import {
  filterRules,
  isFiltering,
  noFilter,
} from "../../../sidebar-web/src/admin/rules/rule-filter.ts";
import {
  differingFields,
  draftOf,
  emptyForm,
  fieldErrorsOf,
  findDuplicates,
  findTooLong,
  formOf,
  readLines,
  trialDraftOf,
  withoutDuplicates,
} from "../../../sidebar-web/src/admin/rules/rule-form.ts";
import { suppressionOf } from "../../../sidebar-web/src/explanation/suppression.ts";
import { ruleView } from "../samples.ts";

test("one entry a line; empty lines and spaces do not count", () => {
  expect(readLines(" 保本 \r\n\n保息\n")).toEqual(["保本", "保息"]);
  expect(readLines("")).toEqual([]);
});

test("a rule survives the way into the form and back", () => {
  const rule = ruleView();
  expect(rule).toMatchObject(draftOf(formOf(rule)));
  expect(differingFields(formOf(rule), { ...formOf(rule), words: "保本\n\n 保息 \n" })).toEqual([]);
});

test.each<[string, Partial<RuleView>]>([
  [
    "values alone",
    { words: [], condition: { kind: "any", of: [{ kind: "value", value: "mobile" }] } },
  ],
  [
    "values beside words",
    {
      condition: {
        kind: "any",
        of: [
          { kind: "words", words: null },
          { kind: "value", value: "id_card" },
        ],
      },
    },
  ],
  ["what the page cannot show", { condition: { kind: "pattern", pattern: "\\d+个点" } }],
])("a rule with %s survives the way into the form and back", (_what, over) => {
  const rule = ruleView(over);
  expect(rule).toMatchObject(draftOf(formOf(rule)));
  expect(draftOf(formOf(rule)).condition).toEqual(rule.condition);
  expect(trialDraftOf(formOf(rule))).not.toBeNull();
});

test("values can be chosen and taken back", () => {
  const form = formOf(ruleView());
  const chosen = draftOf({ ...form, values: ["qq_id"] });
  expect(chosen.condition).toEqual({
    kind: "any",
    of: [
      { kind: "words", words: null },
      { kind: "value", value: "qq_id" },
    ],
  });
  expect(
    draftOf({ ...formOf(ruleView({ condition: chosen.condition })), values: [] }),
  ).not.toHaveProperty("condition");
});

test("entries that the rules cannot tell apart are duplicates", () => {
  const lines = ["加V", "加ｖ", "承諾", "承诺", "加V"];
  expect(findDuplicates(lines)).toEqual(["加ｖ", "承诺", "加V"]);
  expect(withoutDuplicates(lines.join("\n"))).toBe("加V\n承諾");
  expect(findTooLong(["长".repeat(33), "长".repeat(32)])).toHaveLength(1);
});

test("the server's complaints find their fields", () => {
  const errors = fieldErrorsOf({
    title: "请填写规则名称",
    "draft.words.1": "不超过 32 个字",
    "words.5": "不能为空",
    unknown: "x",
  });
  expect(errors).toEqual({ title: "请填写规则名称", words: "第 2 行：不超过 32 个字" });
});

test("a rule half written can be tried as soon as it has a word", () => {
  expect(trialDraftOf(emptyForm)).toBeNull();
  const draft = trialDraftOf({ ...emptyForm, words: "保本" });
  expect(draft).toMatchObject({ words: ["保本"], title: "新建规则" });
  for (const field of ["category", "clause", "reason", "suggestion"] as const) {
    expect(draft?.[field]).not.toBe("");
  }
});

test("rules are found by name, word or clause in any spelling, and by their marks", () => {
  const one = ruleView({ id: "a", title: "承诺收益", words: ["保本"], clause: "广告法" });
  const two = ruleView({
    id: "b",
    title: "导流",
    category: "渠道",
    words: ["加VX"],
    clause: "手册",
    level: "caution",
    isEnabled: false,
  });
  const idsOf = (over: Partial<typeof noFilter>): string[] =>
    filterRules([one, two], { ...noFilter, ...over }).map((rule) => rule.id);
  expect(idsOf({})).toEqual(["a", "b"]);
  expect(idsOf({ query: " 承諾 " })).toEqual(["a"]);
  expect(idsOf({ query: "ｖｘ" })).toEqual(["b"]);
  expect(idsOf({ query: "广告法" })).toEqual(["a"]);
  expect(idsOf({ category: "渠道" })).toEqual(["b"]);
  expect(idsOf({ level: "forbidden" })).toEqual(["a"]);
  expect(idsOf({ state: "off" })).toEqual(["b"]);
  expect([isFiltering(noFilter), isFiltering({ ...noFilter, state: "on" })]).toEqual([false, true]);
});

test("a conflict names the fields that differ and the words that only one side has", () => {
  const mine = formOf(ruleView({ words: ["保本", "稳赚"] }));
  const theirs = formOf(ruleView({ level: "notice", words: ["保本", "保息"] }));
  expect(compareForms(theirs, mine)).toEqual([
    { label: "级别", theirs: "提示", mine: "禁止" },
    { label: "词", theirs: "2 个，只在这边有：保息", mine: "2 个，只在这边有：稳赚" },
  ]);
});

test.each([
  [{ by: "exception", exception: "不保本" }, "「保本」在例外「不保本」里，不算"],
  [{ by: "speaker", exception: null }, "「保本」出现了，但这条规则不看这一方说的话"],
  [{ by: "word_boundary", exception: null }, "「保本」只是更长的字母或数字的一部分，不算"],
] as const)("为什么没有命中：%#", (over, sentence) => {
  expect(suppressionOf({ word: "保本", ...over })).toBe(sentence);
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compileRules } from "#shared/rules/compile";
import { explain } from "#shared/rules/explain";
import { foldText } from "#shared/rules/fold";
import { scan, scanRemoval } from "#shared/rules/scan";
import { starterRules } from "#shared/rules/starter-rules";
import type { StarterRule } from "#shared/rules/starter/starter-rule";

const compiled = compileRules(starterRules);

/** Who speaks in a rule's examples. */
function speakerOf({ speaker }: { speaker: string }): "member" | "customer" {
  return speaker === "customer" ? "customer" : "member";
}

function isOfAct({ condition }: StarterRule): boolean {
  return condition?.kind === "removal";
}

test("there are at least 22 rules, each with its own id and category", () => {
  expect(starterRules.length).toBeGreaterThanOrEqual(22);
  expect(new Set(starterRules.map(({ id }) => id)).size).toBe(starterRules.length);
  expect(new Set(starterRules.map(({ category }) => category)).size).toBe(starterRules.length);
});

test("「这款理财保本保息，加我私人微信聊」命中两条禁止规则", () => {
  const findings = scan(compiled, "这款理财保本保息，加我私人微信聊", { speaker: "member" });
  expect(findings.map(({ ruleId, level }) => [ruleId, level])).toEqual([
    ["fin.guarantee", "forbidden"],
    ["contact.off", "forbidden"],
  ]);
});

describe.each(starterRules.map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
  const speaker = speakerOf(rule);

  test("has all its texts and at least two examples of each kind", () => {
    for (const text of [rule.title, rule.category, rule.clause, rule.reason, rule.suggestion]) {
      expect(text.trim()).not.toBe("");
    }
    // An act has no sentence of its own.
    expect(rule.examples.match.length).toBeGreaterThanOrEqual(isOfAct(rule) ? 0 : 2);
    expect(rule.examples.pass.length).toBeGreaterThanOrEqual(2);
  });

  if (isOfAct(rule)) {
    test("hits the act, and no message", () => {
      const options = { speaker, facts: { scene: "single", contents: [] } } as const;
      const findings = scanRemoval((some) => scan(compiled, "", some), options);
      expect(findings.map(({ ruleId }) => ruleId)).toEqual([id]);
      expect(scan(compiled, "", options)).toEqual([]);
    });
  } else {
    test.each(rule.examples.match)("hits: %s", (sentence) => {
      expect(scan(compiled, sentence, { speaker }).map(({ ruleId }) => ruleId)).toContain(id);
    });
  }

  test("has no word twice", () => {
    const folded = rule.words.map((word) => foldText(word).text);
    expect(folded.filter((word, at) => folded.indexOf(word) !== at)).toEqual([]);
  });

  test.each(rule.examples.pass)("passes all rules: %s", (sentence) => {
    expect(scan(compiled, sentence, { speaker })).toEqual([]);
  });

  test("its better wording passes all rules", () => {
    expect(scan(compiled, rule.suggestion, { speaker: "member" })).toEqual([]);
  });

  test("each of its words is hit and each of its exceptions excuses something", () => {
    const alone = compileRules([rule]);
    const missed = rule.words.filter((word) => scan(alone, word, { speaker }).length === 0);
    expect(missed).toEqual([]);
    const idle = rule.exceptions.filter(
      (phrase) =>
        !explain(alone, phrase, { speaker }).suppressed.some(({ reasons }) =>
          reasons.some(({ kind }) => kind === "exception"),
        ),
    );
    expect(idle).toEqual([]);
  });
});

interface Dialogue {
  id: string;
  turns: { role: "usr" | "sys"; text: string }[];
}

const dialogues = process.env.REAL_DIALOGUES;
const maybe = dialogues === undefined || dialogues === "" ? test.skip : test;

maybe("real dialogues (REAL_DIALOGUES): at most 4 findings per 1,000 messages", () => {
  const lines = readFileSync(join(dialogues ?? "", "crosswoz-val.jsonl"), "utf8")
    .trim()
    .split("\n");
  const messages = lines.flatMap((line) => (JSON.parse(line) as Dialogue).turns);
  const findings = messages.flatMap(({ role, text }) =>
    scan(compiled, text, { speaker: role === "usr" ? "customer" : "member" }),
  );
  expect(messages.length).toBeGreaterThan(1000);
  expect((findings.length / messages.length) * 1000).toBeLessThanOrEqual(4);
});

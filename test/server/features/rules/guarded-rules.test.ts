import { compileRules } from "#shared/rules/compile";
import type { Rule } from "#shared/rules/rule";
import { scan } from "#shared/rules/scan";
import { guardRules } from "../../../../server/src/features/rules/guarded-rules.ts";
import { makeRule } from "../../../shared/rules/make-rule.ts";

const rule = (id: string, words: string[]): Rule => makeRule({ id, words });
const rules = [rule("a", ["保本"]), rule("b", ["返点"]), rule("c", ["私聊"])];
const text = "保本，有返点，私聊";
const member = { speaker: "member" } as const;

/** The product's engine, but for one rule that breaks it at some stage. */
function guard(stage: "compile" | "scan", broken: string) {
  const failed: string[][] = [];
  const known = new Map<unknown, readonly Rule[]>();
  const breaks = (given: readonly Rule[] = []) => {
    if (given.some(({ id }) => id === broken)) throw new Error(`${broken} breaks the engine`);
  };
  const guarded = guardRules(rules, (some) => failed.push(some.map(({ id }) => id)), {
    compile(given) {
      if (stage === "compile") breaks(given);
      const compiled = compileRules(given);
      known.set(compiled, given);
      return compiled;
    },
    scan(compiled, ...rest) {
      if (stage === "scan" && rest[0].includes("返点")) breaks(known.get(compiled));
      return scan(compiled, ...rest);
    },
  });
  const hits = (said: string) => guarded.scan(said, member).map(({ ruleId }) => ruleId);
  return { hits, failed };
}

it.each(["compile", "scan"] as const)(
  "a rule that fails in %s is left out and named once",
  (stage) => {
    const { hits, failed } = guard(stage, "b");
    expect(hits("保本")).toEqual(["a"]);
    expect(hits(text)).toEqual(["a", "c"]);
    expect(hits(text)).toEqual(["a", "c"]);
    expect(failed).toEqual([["b"]]);
  },
);

it("rules without fault are all at work", () => {
  const { hits, failed } = guard("scan", "none");
  expect(hits(text)).toEqual(["a", "b", "c"]);
  expect(failed).toEqual([]);
});

it("when no rule fails alone, the failure is not hidden", () => {
  const engine = {
    compile: compileRules,
    scan: () => {
      throw new Error("the engine itself");
    },
  };
  expect(() => guardRules([], () => undefined, engine).scan(text, member)).toThrow(
    "the engine itself",
  );
});

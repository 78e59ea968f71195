import { loadDraftRules } from "../../../sidebar-web/src/sidebar/draft-rules.ts";
import { sidebarRules } from "../samples.ts";

test("a draft's finding is explained when somebody asks", () => {
  const draft = loadDraftRules(sidebarRules({ words: ["保本"], exceptions: ["不保本"] }));
  const text = "这款保.本，那款不保本";
  const [finding] = draft.find(text);
  expect(draft.explain(text, finding!.ruleId)).toMatchObject({
    variantSteps: ["filler"],
    exceptions: ["不保本"],
    suppressed: [{ word: "保本", by: "exception", exception: "不保本" }],
    trace: [],
  });
  expect(draft.explain(text, "confidential")).toBeNull();
  expect(draft.explain("您好", finding!.ruleId)).toBeNull();
});

test("each part of a condition says what it found, and what a draft cannot know", () => {
  const own = { kind: "words", words: null } as const;
  const atWork = { kind: "time", isWorkingTime: true } as const;
  const condition = { kind: "all", of: [own, { kind: "any", of: [atWork, own] }] } as const;
  const draft = loadDraftRules(sidebarRules({ words: ["保本"], condition }));
  const [finding] = draft.find("保本");
  const trace = draft.explain("保本", finding!.ruleId)?.trace;
  const said = trace?.map(({ holds, isUnknown, found }) => [
    isUnknown ? "unknown" : holds,
    ...found.map(({ quote }) => quote),
  ]);
  expect(said).toEqual([[true], [true, "保本"], [true], ["unknown"], [true, "保本"]]);
});

import type { CaseList, CaseView } from "#shared/contract/case";
import type { WarningView } from "#shared/contract/sidebar";
import { Hit } from "../../../../server/src/features/cases/case.entity.ts";
import { publishRules } from "../../../support/publish-rules.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import { caseRule, startCaseWorld } from "./case-world.ts";
import type { CaseWorld } from "./case-world.ts";

forEachDatabase("the explanation of a hit", (open) => {
  let world: CaseWorld;
  beforeEach(async () => {
    world = await startCaseWorld(open);
  });
  afterEach(() => world.people.stop());

  const shown = async (): Promise<CaseView> => {
    const lead = await world.people.signedIn("zhangwei");
    const { body } = await lead.get("/api/manager/cases").expect(200);
    const one = (body as CaseList).cases[0];
    return (await lead.get(`/api/manager/cases/${one?.id}`).expect(200)).body as CaseView;
  };
  const warned = async (): Promise<WarningView[]> =>
    await world.cases.listForConversation("s:chenli:wmA", "chenli");

  it("says what was undone, which exception was not said, and what does not count", async () => {
    await world.publish({ exceptions: ["不保本", "无关"] });
    await world.archive([{ seq: 1, text: "這款保.本，那款不保本" }]);
    const expected = {
      foldSteps: [],
      variantSteps: ["filler"],
      trace: [],
      folded: "这款保.本,那款不保本",
      suppressed: [{ word: "保本", by: "exception", exception: "不保本" }],
      exceptions: ["不保本"],
    };
    const view = await shown();
    expect(view.findings).toMatchObject([{ ruleRevision: 1, explanation: expected }]);
    expect((await warned())[0]?.findings).toMatchObject([{ explanation: expected }]);
  });

  it("shows each part of a condition with what was found of it, as the facts were then", async () => {
    await world.publish({
      condition: {
        kind: "all",
        of: [
          { kind: "window", messages: 3, minutes: 5, of: { kind: "words", words: null } },
          { kind: "value", value: "mobile" },
          { kind: "not", of: { kind: "scene", anyOf: ["group"] } },
          {
            kind: "any",
            of: [
              { kind: "customer", tags: ["重点"] },
              { kind: "content", anyOf: ["text"] },
            ],
          },
        ],
      },
    });
    await world.archive([
      { seq: 1, text: "一定保", at: 0 },
      { seq: 2, text: "本", at: 1 },
      { seq: 3, text: "打13912345678", at: 2 },
    ]);
    const view = await shown();
    expect(view.parts.map(({ quote }) => quote)).toEqual(["一定保", "本"]);
    const { trace } = view.findings[0]!.explanation!;
    expect(
      trace.map(({ depth, condition: { kind }, holds, isUnknown, found }) => [
        depth,
        kind,
        isUnknown ? "unknown" : holds,
        ...found.map(({ message, quote }) => `${message}:${quote}`),
      ]),
    ).toEqual([
      [0, "all", true],
      [1, "window", true],
      [2, "words", true, "0:保", "1:本"],
      [1, "value", true, "null:***********"],
      [1, "not", true],
      [2, "scene", false],
      [1, "any", true],
      [2, "customer", "unknown"],
      [2, "content", true],
    ]);
    const own = (await warned())[0]!.findings[0]!.explanation!;
    expect(own.trace[3]?.found).toEqual([{ message: null, quote: "13912345678" }]);
  });

  it("shows a word that was split over messages, which the rule did not ask for by itself", async () => {
    await world.publish({ variants: "strong" });
    await world.archive([
      { seq: 1, text: "保", at: 0 },
      { seq: 2, text: "本", at: 1 },
    ]);
    const { trace } = (await shown()).findings[0]!.explanation!;
    expect(trace.map(({ condition: { kind }, found }) => [kind, found.length])).toEqual([
      ["window", 0],
      ["words", 2],
    ]);
  });

  it("is by the wording that hit, whatever the rule says now", async () => {
    const { id, revision } = await world.publish({ exceptions: ["不保本"] });
    await world.archive([{ seq: 1, text: "保本" }]);
    const next = { ...caseRule, exceptions: ["真不保本"], words: ["稳赚"] };
    await world.rules.drafts.update(id, revision, next, "liuyang");
    await publishRules(world.people.database, world.rules);
    const [finding] = (await shown()).findings;
    expect(finding).toMatchObject({ ruleRevision: 1, explanation: { exceptions: ["不保本"] } });
  });

  it("of a confidential rule is for the manager alone", async () => {
    await world.publish({ isConfidential: true, title: "内部" });
    await world.archive([{ seq: 1, text: "保.本" }]);
    expect((await shown()).findings[0]?.explanation).toMatchObject({ variantSteps: ["filler"] });
    expect(await warned()).toEqual([]);
  });

  it("is missing for a hit from before it was kept, and the hit is shown all the same", async () => {
    await world.publish();
    await world.archive([{ seq: 1, text: "这款保本" }]);
    const { database, vault } = world.people;
    const hit = await database.read.findOneByOrFail(Hit, { messageSeq: 1 });
    const place = { table: "hit", column: "spans", rowId: hit.id };
    const old = JSON.stringify([{ start: 2, end: 4, word: "保本" }]);
    await database.write(async (tx) => {
      const sealer = await vault.sealerFor(tx, ["wmA"]);
      await tx.update(Hit, { id: hit.id }, { spans: sealer.seal("wmA", place, old) });
    });
    const [finding] = (await shown()).findings;
    expect(finding?.spans).toEqual([{ start: 2, end: 4, word: "保本" }]);
    expect(finding?.explanation).toBeUndefined();
  });
});

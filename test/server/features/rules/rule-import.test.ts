import type { RuleDraft, RuleList, RuleView } from "#shared/contract/rule";
import { ruleFileType } from "#shared/contract/rule-file";
import type { RuleFilePreview, RuleFileResult } from "#shared/contract/rule-file";
import { entities } from "../../../../server/src/entities.ts";
import { writeRuleFile } from "../../../../server/src/features/rules/rule-file.ts";
import { smallCompany } from "../../../simulator/testing/small-company.ts";
import { startCompany } from "../../../support/running-company.ts";
import type { RunningCompany } from "../../../support/running-company.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import { signIn } from "../../../support/web-client.ts";
import type { WebClient } from "../../../support/web-client.ts";

const path = "/api/admin/rules/file";

forEachDatabase("rules in a workbook", (open) => {
  let company: RunningCompany;
  let admin: WebClient;
  beforeAll(async () => {
    await open(entities);
    company = await startCompany({ company: smallCompany(), databaseUrl: open.url() });
    admin = await signIn(company.twin, "liuyang");
  });
  afterAll(() => company.close());

  const list = async () => (await admin.get<RuleList>("/api/admin/rules")).body.rules;
  const upload = (client: WebClient, to: string, file: Buffer, type = ruleFileType) =>
    client.send(`${path}/${to}`, {
      method: "POST",
      headers: { "x-requested-with": "wecom-guard", "content-type": type },
      body: new Uint8Array(file),
    });
  const preview = async (file: Buffer): Promise<RuleFilePreview> => {
    const answer = await upload(admin, "preview", file);
    expect(answer.status).toBe(200);
    return (await answer.json()) as RuleFilePreview;
  };
  const download = async (): Promise<Buffer> =>
    Buffer.from(await (await admin.fetch(path)).arrayBuffer());
  const draftOf = (rule: RuleView, change: Partial<RuleDraft>): RuleDraft => {
    const { title, category, level, speaker, variants, words, exceptions } = rule;
    const { condition, clause, reason, suggestion, isConfidential } = rule;
    const texts = { title, category, clause, reason, suggestion };
    const rest = { level, speaker, variants, words, exceptions, condition, isConfidential };
    return { ...texts, ...rest, ...change };
  };

  it("come back without a change", async () => {
    const file = await download();
    expect(await preview(file)).toMatchObject({ errorCount: 0, changes: [], absentCount: 0 });
  });

  it("are looked at first, then written whole into the draft, once", async () => {
    const before = await list();
    const [rule] = before;
    const file = writeRuleFile([
      { id: rule!.id, draft: draftOf(rule!, { words: [...rule!.words, "全新的词"] }) },
      { id: "", draft: draftOf(rule!, { title: "导入的规则" }) },
    ]);
    const seen = await preview(file);
    expect(seen.changes.map(({ kind, addedWords }) => [kind, addedWords])).toEqual([
      ["changed", 1],
      ["new", rule!.words.length],
    ]);
    expect(await list()).toEqual(before);

    const written = await upload(admin, `import?base=${seen.base}`, file);
    expect((await written.json()) as RuleFileResult).toEqual({ created: 1, updated: 1 });
    const after = await list();
    expect(after).toHaveLength(before.length + 1);
    expect(after.find(({ id }) => id === rule!.id)?.words).toContain("全新的词");
    // Once more with the old look: somebody has changed a rule meanwhile.
    expect((await upload(admin, `import?base=${seen.base}`, file)).status).toBe(409);
    const again = await preview(file);
    expect(again).toMatchObject({ changes: [], sameCount: 2 });
  });

  it("with a mistake change nothing", async () => {
    const before = await list();
    const [rule] = before;
    const file = writeRuleFile([
      { id: "", draft: draftOf(rule!, { title: "好的" }) },
      { id: "", draft: draftOf(rule!, { title: "坏的", words: ["长".repeat(33)] }) },
      {
        id: "",
        draft: draftOf(rule!, { title: "写错的", condition: { kind: "pattern", pattern: "(" } }),
      },
    ]);
    const { errors, base, changes } = await preview(file);
    expect(changes).toEqual([]);
    expect(errors.map(({ sheet, message }) => [sheet, message])).toContainEqual([
      "词",
      "词不超过 32 个字",
    ]);
    expect((await upload(admin, `import?base=${base}`, file)).status).toBe(400);
    expect(await list()).toEqual(before);
  });

  it("with a number that nobody has, or one rule twice, say in which cell", async () => {
    const [rule] = await list();
    const file = writeRuleFile([
      { id: rule!.id, draft: draftOf(rule!, {}) },
      { id: "nobody", draft: draftOf(rule!, { title: "别处来的" }) },
      { id: "", draft: draftOf(rule!, {}) },
    ]);
    const { errors, changes } = await preview(file);
    expect(changes).toEqual([]);
    expect(errors).toEqual([
      {
        sheet: "规则",
        cell: "A3",
        message: "没有编号为「nobody」的规则；新规则的编号请留空",
      },
      { sheet: "规则", cell: "A4", message: `「${rule!.title}」出现了两次` },
    ]);
  });

  it("are taken from those who may write rules, in the right type", async () => {
    const file = await download();
    const sales = await signIn(company.twin, "chenli");
    expect((await sales.fetch(path)).status).toBe(403);
    expect((await upload(sales, "preview", file)).status).toBe(403);
    expect((await upload(admin, "preview", file, "text/csv")).status).toBe(400);
    const forged = await admin.send(`${path}/preview`, {
      method: "POST",
      headers: { "content-type": ruleFileType },
      body: new Uint8Array(file),
    });
    expect(forged.status).toBe(403);
    expect((await preview(Buffer.from("no workbook"))).errors).toHaveLength(1);
  });
});

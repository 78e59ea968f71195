import type { AuditPage, LedgerView } from "#shared/contract/audit";
import { recordEntry } from "../../../server/src/platform/ledger/ledger.ts";
import { CHAT, healthLine, settle, twoTeams, VIOLATION } from "../../support/main-job-world.ts";
import { eventually } from "../../support/eventually.ts";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import { forEachDatabase } from "../../support/test-database.ts";
import { signIn } from "../../support/web-client.ts";
import type { WebClient } from "../../support/web-client.ts";
import { CONVERSATION, grant } from "./evidence-world.ts";

const PURPOSE = "=核对投诉的经过";

forEachDatabase("the record of acts", (open) => {
  let company: RunningCompany;
  let auditor: WebClient;

  beforeAll(async () => {
    company = await startCompany({
      company: twoTeams(),
      databaseUrl: open.url(),
      notifyIntervalMs: 20,
    });
    company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text: VIOLATION });
    await settle(company);
    await grant(company, "xujie", "auditor");
    auditor = await signIn(company.twin, "xujie");
    const manager = await signIn(company.twin, "zhangwei");
    await manager.post("/api/manager/readings", {
      conversationId: CONVERSATION,
      purpose: PURPOSE,
    });
  });
  afterAll(() => company.close());

  const list = async (query = ""): Promise<AuditPage> =>
    (await auditor.get<AuditPage>(`/api/admin/audit?${query}`)).body;

  it("says who did what and why, and nothing of what was said", async () => {
    const { entries } = await list("object=conversation");
    expect(entries).toEqual([
      expect.objectContaining({ actorName: "张伟", act: "查看会话", why: PURPOSE }),
    ]);
    expect(JSON.stringify(await list())).not.toContain("保本保息");
    expect((await auditor.get(`/api/manager/conversations`)).status).toBe(403);
  });

  it.each([
    ["who=张", ["张伟"]],
    ["who=zhangwei", ["张伟"]],
    ["who=nobody", []],
    ["fromDay=2001-01-01&toDay=2001-01-02", []],
  ])("finds by %s", async (query, names) => {
    const { entries } = await list(query);
    expect([...new Set(entries.map(({ actorName }) => actorName))]).toEqual(names);
  });

  it("goes through all of it page by page, each act once", async () => {
    await company.product.database.write((tx) => {
      for (let n = 0; n < 60; n += 1) {
        const act = { actorId: "system", objectId: `rule-${n}`, atMs: n, details: {} };
        recordEntry(tx, { kind: "rule.written", ...act });
      }
      return Promise.resolve();
    });
    const seen: number[] = [];
    for (let cursor: number | null = Number.MAX_SAFE_INTEGER; cursor !== null;) {
      const page: AuditPage = await list(`cursor=${cursor}`);
      seen.push(...page.entries.map(({ position }) => position));
      cursor = page.nextCursor;
    }
    const rows = await company.product.database.read.query<{ position: string | number }[]>(
      "SELECT position FROM ledger_entry ORDER BY position DESC",
    );
    expect(seen).toEqual(rows.map(({ position }) => Number(position)));
    expect(seen.length).toBeGreaterThan(50);
  });

  it("gives it as a file in which nothing is a formula, and puts that on record", async () => {
    const answer = await auditor.fetch("/api/admin/audit.csv?object=conversation");
    const file = await answer.text();
    expect(file).toContain(`"'${PURPOSE}"`);
    expect(file.trim().split("\r\n")).toHaveLength(2);
    const { entries } = await list("object=audit");
    expect(entries[0]).toMatchObject({ actorId: "xujie", act: "导出审计记录" });
  });

  it("looks through the ledger when asked, and tells and shows it when something is not as recorded", async () => {
    const { database } = company.product;
    const check = async (): Promise<NonNullable<LedgerView["check"]>> => {
      const started = await auditor.post<LedgerView>("/api/admin/ledger/check");
      expect(started.body.check).toMatchObject({ finishedAtMs: null });
      const look = async () => (await auditor.get<LedgerView>("/api/admin/ledger")).body.check!;
      return await eventually(look, ({ finishedAtMs }) => finishedAtMs !== null);
    };
    expect(await check()).toMatchObject({ broken: 0, progress: 100 });
    expect(await healthLine(auditor, "ledger")).toMatchObject({ status: "ok" });

    await database.write((tx) =>
      tx.query("UPDATE ledger_entry SET actor_id = 'chenli' WHERE kind = 'conversation.read'"),
    );
    expect(await check()).toMatchObject({ broken: 1 });
    expect(await healthLine(auditor, "ledger")).toMatchObject({ status: "broken" });
    expect(JSON.stringify(company.twin.phone("xujie"))).toContain("留痕记录校验不通过");
  });
});

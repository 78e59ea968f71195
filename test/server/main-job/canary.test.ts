import { createHash, randomBytes } from "node:crypto";
import type { Company } from "../../simulator/company/model.ts";
import { CUSTOMER } from "../../simulator/testing/small-company.ts";
import {
  cardWith,
  caseWith,
  CHAT,
  settle,
  twoTeams,
  VIOLATION,
} from "../../support/main-job-world.ts";
import { eventually } from "../../support/eventually.ts";
import { twoAdministrators } from "../../support/publish-draft.ts";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import { forEachDatabase } from "../../support/test-database.ts";
import { findIn, findInFiles, findInFolder, findInTables } from "../../support/traces.ts";
import { signIn } from "../../support/web-client.ts";
import type { Answer, WebClient } from "../../support/web-client.ts";
import { appoint, CONVERSATION, makePackage } from "./evidence-world.ts";

/** Strings that stand nowhere else in the world; letters only, since long numbers are starred where people read them. */
const canary = (name: string): string =>
  name +
  randomBytes(9)
    .toString("hex")
    .replace(/\d/g, (digit) => "ghijklmnop".charAt(Number(digit)));
const said = canary("said");
const nickname = canary("nick");
const remark = canary("remark");
const draft = canary("draft");
const callback = canary("event");
const fileName = canary("file");
const fileText = canary("bytes");
const reason = canary("reason");
const note = canary("note");
const hold = canary("hold");
const reading = canary("reading");
const purpose = canary("purpose");
const unmasking = canary("unmask");
const extension = canary("extend");
const emergency = canary("emergency");
const verdict = canary("verdict");
const typed = [reason, note, hold, reading, purpose, unmasking, extension, emergency, verdict];
const needles = [said, nickname, remark, draft, callback, fileName, fileText, ...typed];

forEachDatabase("what people say and are called", (open) => {
  let company: RunningCompany;
  let sales: WebClient;
  let manager: WebClient;
  let log = "";
  const errors: Answer[] = [];

  beforeAll(async () => {
    company = await startCompany({
      company: withCanaries(twoTeams()),
      databaseUrl: open.url(),
      notifyIntervalMs: 20,
      settings: { LOG_LEVEL: "trace", ...twoAdministrators },
      logDestination: { write: (line) => void (log += line) },
    });
    await settle(company);
    [sales, manager] = await Promise.all([
      signIn(company.twin, "chenli"),
      signIn(company.twin, "zhangwei"),
    ]);
  });
  afterAll(() => company.close());

  it("reach those who are meant to read them", async () => {
    const { body } = await sales.get(`/api/sidebar/customers/${CUSTOMER}`);
    expect(findIn(JSON.stringify(body), [nickname, remark])).toEqual([nickname, remark]);
    const text = `${VIOLATION} ${said}`;
    company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text });
    await cardWith(company.twin, "zhangwei", said);
    const found = await caseWith(manager, said);
    await manager.post(`/api/manager/cases/${found.id}/decision`, { decision: "handled" });
    const check = { text: `${VIOLATION} ${draft}` };
    expect((await sales.post("/api/sidebar/drafts/check", check)).body).toMatchObject({
      level: "forbidden",
    });
    await settle(company);
  });

  it("and what a file is called and holds, fetched and kept", async () => {
    const { twin, product } = company;
    const bytes = Buffer.from(`第一行\n${fileText}\n`);
    const file = {
      sdkfileid: twin.world.media.add(bytes, Date.now()),
      md5sum: createHash("md5").update(bytes).digest("hex"),
      filename: `${fileName}.txt`,
      fileext: "txt",
      filesize: bytes.length,
    };
    const content = { kind: "raw" as const, text: "[文件]", extra: { msgtype: "file", file } };
    twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text: "", content });
    await settle(company);
    const stored = "SELECT COUNT(*) AS n FROM media WHERE state = 'stored'";
    await eventually(
      () => product.database.read.query<{ n: string | number }[]>(stored),
      ([row]) => Number(row?.n) > 0,
    );
  });

  it("and what people write to each other about it", async () => {
    const [admin, second] = await Promise.all([
      signIn(company.twin, "liuyang"),
      signIn(company.twin, "sunhao"),
    ]);
    const wish = { memberId: "xujie", role: "security_admin", departmentIds: null };
    const asked = await admin.post<{ approvalId: string }>("/api/admin/access/grants", {
      ...wish,
      reason: `接手${reason}`,
    });
    expect(asked.status).toBe(201);
    const refusal = { decision: "refused", note: `不行${note}` };
    const decision = `/api/approvals/${asked.body.approvalId}/decision`;
    expect((await second.post(decision, refusal)).status).toBe(200);
    const place = { kind: "person", targetId: CUSTOMER, reason: `投诉${hold}` };
    expect((await admin.post("/api/admin/retention/holds", place)).status).toBe(201);
    const look = { conversationId: CONVERSATION, purpose: `核实${reading}` };
    expect((await manager.post("/api/manager/readings", look)).status).toBe(201);
    const people = await appoint(company);
    const target = { kind: "case_customer", caseId: (await caseWith(manager, said)).id };
    const lifted = { target, reason: `需要全名${unmasking}` };
    expect((await manager.post("/api/manager/unmaskings", lifted)).body).toMatchObject({
      text: `阿秀${nickname}`,
    });
    const more = { conversationId: CONVERSATION, days: 1, reason: `核对全部${extension}` };
    expect((await manager.post("/api/manager/extensions", more)).status).toBe(201);
    const beyond = { cause: "incident", memberIds: ["chenli"], hours: 1 };
    const opened = await people.legal.post<{ id: string }>("/api/emergencies", {
      ...beyond,
      reason: `有人冒充客户套取报价${emergency}`,
    });
    expect(opened.status).toBe(201);
    const judged = { verdict: "justified", note: `属实${verdict}` };
    const reviewed = await people.officer.post(`/api/emergencies/${opened.body.id}/review`, judged);
    expect(reviewed.status).toBe(200);
    const { zip } = await makePackage(people, { purpose: `仲裁${purpose}` });
    // Whoever may have it can read it.
    expect(findIn(zip, [purpose, said])).toEqual([purpose, said]);
    await settle(company);
    const pushed = ["zhangwei", "zhoumin", "linxiaoyan", "xujie", "liuyang"].map((id) =>
      JSON.stringify(company.twin.phone(id)),
    );
    expect(findIn(pushed.join(""), typed)).toEqual([]);
  });

  it("come back in no error", async () => {
    const { twin } = company;
    const long = draft.repeat(400);
    errors.push(
      await sales.post("/api/sidebar/drafts/check", { text: long }),
      await sales.post("/api/sidebar/drafts/check", { [draft]: draft }),
      await sales.postText("/api/sidebar/drafts/check", `{"text":"${draft}`),
      await sales.postText("/api/sidebar/drafts/check", draft.repeat(100_000)),
      await sales.get(`/api/sidebar/customers/${draft}?q=${draft}`),
      await sales.get(`/sign-in?returnTo=//${draft}`),
      await sales.get(`/sign-in/callback?code=${draft}&state=${draft}`),
      await sales.get(`/nothing?${draft}`),
    );
    const xml = twin.formatEvent("sys", { Event: "enter_agent", EventKey: callback });
    for (const forgery of [{ token: "wrong" }, { body: xml }, { receiveId: callback }]) {
      const answer = await twin.postCallback("app", twin.signCallback("app", xml, forgery));
      errors.push({ status: answer.status, body: undefined, text: answer.body });
    }
    expect(errors.every(({ status }) => status >= 400 && status < 500)).toBe(true);
    await twin.deliverCallback("app", xml);
    await settle(company);
  });

  it("stand readable in no table, nor in the files under it", async () => {
    expect(await findInTables(company.product.database, needles)).toEqual([]);
    // The search can find: the member's id is meant to be readable.
    const readable = await findInTables(company.product.database, ["chenli"]);
    expect(readable).toContain("message.sender_id: chenli");
    expect(findInFolder(company.dataDir, needles)).toEqual([]);
    if (company.product.database.dialect === "sqlite") {
      expect(findInFiles(open.url(), needles)).toEqual([]);
      expect(findInFiles(open.url(), ["chenli"])).not.toEqual([]);
    }
  });

  it("stay out of logs and answers when the database itself fails", async () => {
    const { twin, product } = company;
    await product.database.write((tx) => tx.query("DROP TABLE hit"));
    const before = log.length;
    twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text: `${VIOLATION} ${said}` });
    await eventually(
      () => log.slice(before),
      (lines) => lines.includes("pull failed"),
    );
    const answer = await manager.get("/api/manager/cases?state=decided");
    expect(answer).toMatchObject({ status: 500, body: { code: "internal" } });
    errors.push(answer);
    await eventually(
      () => log.slice(before),
      (lines) => lines.includes("request failed"),
    );
  });

  it("stand in no line of the log and in no answer to a mistake", () => {
    expect(findIn(log, needles)).toEqual([]);
    expect(log).toContain("/api/sidebar/drafts/check");
    for (const { text } of errors) expect(findIn(text, needles)).toEqual([]);
  });
});

function withCanaries(company: Company): Company {
  return {
    ...company,
    customers: company.customers.map((customer) =>
      customer.id === CUSTOMER
        ? {
            ...customer,
            name: `阿秀${nickname}`,
            follows: customer.follows.map((follow) => ({ ...follow, remark: `老客户${remark}` })),
          }
        : customer,
    ),
  };
}

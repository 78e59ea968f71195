import type { RuleDraft } from "#shared/contract/rule";
import { CUSTOMER, ROOM, smallCompany } from "../../simulator/testing/small-company.ts";
import { CHAT, countRows, settle } from "../../support/main-job-world.ts";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import { publishDraft, twoAdministrators } from "../../support/publish-draft.ts";
import { signIn } from "../../support/web-client.ts";
import type { WebClient } from "../../support/web-client.ts";

/** What may be said of the rule, and so may come back: its own sentence. */
const said = "客户都知道天鹅计划了";

const secret: RuleDraft = {
  title: "并购项目代号甲",
  category: "并购保密分类",
  level: "forbidden",
  speaker: "member",
  words: ["天鹅计划", "白鲸方案"],
  exceptions: ["黑天鹅计划书"],
  condition: {
    kind: "any",
    of: [
      { kind: "words", words: null },
      { kind: "words", words: ["麒麟行动"] },
      { kind: "pattern", pattern: "海东青[0-9]+" },
    ],
  },
  clause: "保密制度第九十九条",
  reason: "并购没有公布之前不能说。",
  suggestion: "这件事请找董事会办公室。",
  isConfidential: true,
  // Marked, but not for its words: WeCom must not have them either.
  native: { memberIds: [], departmentIds: [], tellsConfidential: false },
};

/** Each says something of the rule that its reader did not write. */
const giveaways = [
  "白鲸方案",
  "麒麟行动",
  "海东青",
  "黑天鹅",
  secret.title,
  secret.category,
  secret.clause,
  secret.reason,
  secret.suggestion,
];

/** The compiled rules of the draft box, read as either kind of text that is in them. */
async function readRulesFile(sales: WebClient): Promise<string[]> {
  const { body } = await sales.get<{ file: string }>("/api/sidebar/rules");
  const answer = await sales.fetch(`/api/sidebar/rules/${body.file}`);
  expect(answer.status).toBe(200);
  const bytes = Buffer.from(await answer.arrayBuffer());
  return [bytes.toString("utf8"), bytes.toString("utf16le")];
}

describe("a confidential rule", () => {
  let company: RunningCompany;
  let sales: WebClient;

  beforeAll(async () => {
    company = await startCompany({
      company: smallCompany(),
      settings: twoAdministrators,
      notifyIntervalMs: 20,
    });
    const admin = await signIn(company.twin, "liuyang");
    const { status } = await admin.post("/api/admin/rules", secret);
    expect(status).toBe(201);
    await publishDraft(admin, await signIn(company.twin, "sunhao"));
    sales = await signIn(company.twin, "chenli");
  });
  afterAll(() => company.close());

  it("objects, and is in no answer that a salesperson can get", async () => {
    const stream = await sales.stream(`/api/sidebar/events?customerId=${CUSTOMER}`);
    company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text: said });
    await settle(company);
    expect(await countRows(company, "hit")).toBe(1);

    const seen: string[] = [];
    for (const { method, path } of company.product.routes.table) {
      if (path === "/api/sidebar/events" || path === "/api/session/end") continue;
      const address = path
        .replace(":customerId", CUSTOMER)
        .replace(":chatId", ROOM)
        .replaceAll(/:\w+/g, "1");
      const body = path.endsWith("drafts/check") ? { text: said } : {};
      const answer = await (method === "get" ? sales.get(address) : sales.post(address, body));
      seen.push(answer.text);
    }
    seen.push(...(await readRulesFile(sales)));
    stream.close();
    seen.push(...stream.events.map((event) => JSON.stringify(event)));
    // The walk did reach what speaks of the rule.
    expect(seen.some((text) => text.includes("公司内部规则"))).toBe(true);
    expect(giveaways.filter((word) => seen.some((text) => text.includes(word)))).toEqual([]);
  });

  it("is on no card of theirs and in no word list of WeCom's", () => {
    const phone = JSON.stringify(company.twin.phone("chenli"));
    const told = JSON.stringify(company.twin.interceptRules());
    for (const word of [...giveaways, "天鹅计划"]) {
      expect(phone).not.toContain(word);
      expect(told).not.toContain(word);
    }
  });
});

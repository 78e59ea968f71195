import { request as sendRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { sidebarRules } from "#shared/contract/sidebar";
import type { CustomerContext } from "#shared/contract/sidebar";
import { decompileRules, loadRules } from "#shared/rules/compiled-rules";
import { createNeighbours } from "../../../../server/src/features/archive/neighbours.ts";
import { createArchiveReader } from "../../../../server/src/features/archive/reader.service.ts";
import { createMessageStore } from "../../../../server/src/features/archive/message-store.ts";
import { createCases } from "../../../../server/src/features/cases/cases.service.ts";
import type { Cases } from "../../../../server/src/features/cases/cases.service.ts";
import { createInspection } from "../../../../server/src/features/cases/inspection.ts";
import { createRules } from "../../../../server/src/features/rules/rules.service.ts";
import type { Rules } from "../../../../server/src/features/rules/rules.service.ts";
import { addSidebarRoutes } from "../../../../server/src/features/sidebar/sidebar.routes.ts";
import { createSidebar } from "../../../../server/src/features/sidebar/sidebar.service.ts";
import { readArchiveMessage } from "../../../../server/src/wecom/archive-message.ts";
import { alwaysWorking } from "../../../support/always-working.ts";
import { publishRules } from "../../../support/publish-rules.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import { customer } from "../sign-in/fake-company.ts";
import { startPeopleWorld } from "../sign-in/people-world.ts";
import type { Browser, PeopleWorld } from "../sign-in/people-world.ts";

const MINUTE_MS = 60_000;
const RISKY = "这款理财保本保息，加我私人微信聊";

forEachDatabase("sidebar", (open) => {
  let world: PeopleWorld;
  let rules: Rules;
  let cases: Cases;
  let store: ReturnType<typeof createMessageStore>;
  let lastSeq = 0;

  beforeEach(async () => {
    world = await startPeopleWorld(open, {
      checkEveryMs: 10,
      addRoutes: (routes, parts) => {
        rules = createRules({
          ...parts,
          onRuleFailed: () => Promise.resolve(),
          onPublished: () => Promise.resolve(),
        });
        const reader = createArchiveReader({ corpId: "ww1", ...parts });
        const onDecided = () => Promise.resolve();
        cases = createCases({ ...parts, rules, reader, onDecided });
        const inspect = createInspection({
          ...parts,
          rules,
          reader,
          neighbours: createNeighbours(parts),
          calendar: alwaysWorking,
          fallbackManagersOf: () => Promise.resolve([]),
        });
        const isMember = async (id: string) => (await parts.members.find(id)) !== undefined;
        store = createMessageStore({
          ...parts,
          inspect,
          isMember,
          keepMedia: () => Promise.resolve(),
        });
        const shown = { cases, ruleBook: rules, calendar: alwaysWorking };
        const sidebar = createSidebar({ ...parts, ...shown });
        addSidebarRoutes(routes, { sidebar, sessionWatch: parts.sessionWatch });
      },
    });
    await world.sync();
    await rules.seed();
    world.company.customers.set(
      "wmA",
      customer("wmA", [
        [
          "ChenLi",
          {
            remark: "王总",
            remark_mobiles: ["13812341234"],
            tags: [{ group_name: "阶段", tag_name: "方案报价", type: 1 }],
          },
        ],
        ["wuhao", { remark: "吴昊的备注", remark_mobiles: ["13900001111"] }],
      ]),
    );
    world.company.consents.set("wmA", "Agree");
    world.company.groups.set("wrG", {
      chat_id: "wrG",
      name: "客户群",
      owner: "ZhangWei",
      create_time: 1_700_000_000,
      member_list: [
        { userid: "ChenLi", type: 1 },
        { userid: "ZhangWei", type: 1 },
        { userid: "wmA", type: 2, name: "客户" },
      ],
    });
  });
  afterEach(() => world.stop());

  /** Lets a message come out of the archive. */
  async function archive(from: string, to: string, text: string, roomId = ""): Promise<void> {
    lastSeq += 1;
    const msgid = `m${lastSeq}_external`;
    const json = JSON.stringify({
      msgid,
      action: "send",
      from,
      tolist: [to],
      roomid: roomId,
      msgtime: world.time.nowMs,
      msgtype: "text",
      text: { content: text },
    });
    const message = readArchiveMessage(json);
    if (!message) throw new Error("not a message");
    const item = {
      seq: lastSeq,
      msgId: msgid,
      keyVersion: 1,
      encryptedRandomKey: "",
      encryptedMessage: "",
    };
    await store.store({
      opened: [{ item, message, json, receivedAtMs: world.time.nowMs }],
      claim: () => Promise.resolve(),
      account: () => Promise.resolve(),
    });
  }

  describe("a customer", () => {
    it("is shown with the member's own notes, masked numbers, colleagues and consent", async () => {
      const browser = await world.signedIn("chenli");
      const answer = await browser.get("/api/sidebar/customers/wmA");
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({
        customer: {
          id: "wmA",
          name: "客户wmA",
          remark: "王总",
          mobiles: ["138****1234"],
          tags: [{ group: "阶段", name: "方案报价" }],
          addWay: "扫二维码",
          addedAtMs: 1_700_000_000_000,
          consent: "agreed",
          owners: [
            { memberId: "chenli", name: "陈丽", isMe: true },
            { memberId: "wuhao", name: "吴昊", isMe: false },
          ],
        },
        hints: [{ id: "other-owners", level: "notice" }],
        warnings: [],
        isStale: false,
      });
      expect(answer.text).not.toMatch(/13812341234|吴昊的备注|1390000/);
    });

    it.each([
      ["zhangwei", "wmA", "a colleague's, even for the manager"],
      ["chenli", "wmB", "nobody's"],
      ["chenli", "wuhao", "a member"],
      ["chenli", "..%2F..%2Fsession", "no id at all"],
    ])("is not there for %s: %s (%s)", async (userid, id) => {
      const browser = await world.signedIn(userid);
      const answer = await browser.get(`/api/sidebar/customers/${id}`);
      expect(answer.status).toBe(404);
      expect(answer.body).toMatchObject({ code: "customer_not_found" });
    });

    it("needs a session and an id of sane length", async () => {
      expect((await world.browser().get("/api/sidebar/customers/wmA")).status).toBe(401);
      const browser = await world.signedIn("chenli");
      const answer = await browser.get(`/api/sidebar/customers/wm${"a".repeat(100)}`);
      expect(answer.status).toBe(400);
    });

    it("is shown as it was while WeCom is down, and says so", async () => {
      const browser = await world.signedIn("chenli");
      await browser.get("/api/sidebar/customers/wmA");
      const syncedAtMs = world.time.nowMs;
      world.company.trouble = "down";
      world.time.nowMs += 20 * MINUTE_MS;
      const answer = await browser.get("/api/sidebar/customers/wmA");
      expect(answer.body).toMatchObject({
        customer: { remark: "王总" },
        isStale: true,
        syncedAtMs,
      });
      expect((await browser.get("/api/sidebar/customers/wmNew")).status).toBe(502);
    });

    it("comes with the warnings of the member's own chat, and they count as open", async () => {
      await archive("ChenLi", "wmA", RISKY);
      await archive("wuhao", "wmA", "保本保息的哦");
      const browser = await world.signedIn("chenli");
      const answer = await browser.get("/api/sidebar/customers/wmA");
      const body = answer.body as CustomerContext;
      expect(body.warnings).toHaveLength(1);
      expect(body.warnings[0]).toMatchObject({ quote: RISKY, level: "forbidden", state: "open" });
      expect(body.hints.map(({ id }) => id)).toContain("open-cases");
    });
  });

  describe("a group", () => {
    it("is shown to who is in it", async () => {
      const browser = await world.signedIn("chenli");
      const { status, body } = await browser.get("/api/sidebar/groups/wrG");
      expect(status).toBe(200);
      expect(body).toMatchObject({
        group: { id: "wrG", name: "客户群", ownerName: "张伟", memberCount: 3, customerCount: 1 },
        hints: [{ id: "group-privacy" }],
        isStale: false,
      });
    });

    it.each([
      ["wuhao", "wrG"],
      ["chenli", "wrX"],
    ])("is not there for %s: %s", async (userid, id) => {
      const browser = await world.signedIn(userid);
      const answer = await browser.get(`/api/sidebar/groups/${id}`);
      expect(answer.status).toBe(404);
      expect(answer.body).toMatchObject({ code: "customer_not_found" });
    });

    it("needs a session", async () => {
      expect((await world.browser().get("/api/sidebar/groups/wrG")).status).toBe(401);
    });
  });

  describe("a draft", () => {
    it("is checked with all rules", async () => {
      const browser = await world.signedIn("chenli");
      const { status, body } = await browser.post("/api/sidebar/drafts/check", { text: RISKY });
      expect(status).toBe(200);
      expect(body.level).toBe("forbidden");
      expect(body.findings.length).toBeGreaterThanOrEqual(2);
      const calm = await browser.post("/api/sidebar/drafts/check", { text: "您好，明天见" });
      expect(calm.body).toEqual({ level: null, findings: [] });
    });

    it("meets confidential rules without learning their words", async () => {
      const words = ["内部代号猎鹰"];
      await rules.drafts.create(
        {
          title: "未公开项目",
          category: "保密",
          level: "forbidden",
          speaker: "member",
          words,
          exceptions: [],
          clause: "c",
          reason: "r",
          suggestion: "s",
          isConfidential: true,
        },
        "liuyang",
      );
      await publishRules(world.database, rules);
      const browser = await world.signedIn("chenli");
      const text = "内部代号猎鹰快上线了";
      const checked = await browser.post("/api/sidebar/drafts/check", { text });
      expect(checked.body).toMatchObject({ level: "forbidden", findings: [{ spans: [] }] });
      expect(checked.text).not.toMatch(/猎鹰|未公开项目/);
      const head = sidebarRules.parse((await browser.get("/api/sidebar/rules")).body);
      const fetchFile = (name: string) =>
        fetch(`${world.address}/api/sidebar/rules/${name}`, {
          headers: { cookie: browser.cookieHeader() },
        });
      const file = await fetchFile(head.file);
      expect(file.headers.get("cache-control")).toBe("private, max-age=31536000, immutable");
      const bytes = await file.arrayBuffer();
      const known = decompileRules(loadRules(bytes));
      expect(known.length).toBeGreaterThan(20);
      expect(known.some(({ isConfidential }) => isConfidential)).toBe(false);
      for (const encoding of ["utf8", "utf16le"] as const) {
        expect(Buffer.from(bytes).toString(encoding)).not.toMatch(/猎鹰|未公开项目/);
      }
      // What is no longer in force is not there.
      const old = head.file.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
      expect((await fetchFile(old)).status).toBe(404);
    });

    it.each([
      ["empty", { text: "" }, 400],
      ["too long", { text: "字".repeat(4001) }, 400],
      ["not a text", { text: ["a"] }, 400],
      ["with more than a text", { text: "a", level: "notice" }, 400],
    ])("that is %s is refused", async (_what, body, status) => {
      const browser = await world.signedIn("chenli");
      expect((await browser.post("/api/sidebar/drafts/check", body)).status).toBe(status);
    });

    it("is refused without a session, and without our header", async () => {
      expect((await world.browser().post("/api/sidebar/drafts/check", { text: "a" })).status).toBe(
        401,
      );
      const browser = await world.signedIn("chenli");
      const answer = await fetch(`${world.address}/api/sidebar/drafts/check`, {
        method: "POST",
        headers: { "content-type": "text/plain", cookie: browser.cookieHeader() },
        body: JSON.stringify({ text: "a" }),
      });
      expect(answer.status).toBe(403);
      expect((await world.browser().get("/api/sidebar/rules")).status).toBe(401);
    });
  });

  describe("live events", () => {
    interface Line {
      status: number;
      body: string;
      /** Resolves with the data of the next event of that name. */
      next(event: string): Promise<unknown>;
      ended: Promise<void>;
      leave(): void;
    }

    /** Opens the stream as the page does and waits until it stands. */
    function listen(browser: Browser, query: string): Promise<Line> {
      return new Promise((resolve, reject) => {
        const outgoing = sendRequest(`${world.address}/api/sidebar/events?${query}`, {
          headers: { cookie: browser.cookieHeader() },
        });
        outgoing.once("error", reject);
        outgoing.once("response", (incoming: IncomingMessage) => {
          const line = follow(incoming, () => outgoing.destroy());
          incoming.once("data", () => resolve(line));
          incoming.once("end", () => resolve(line));
        });
        outgoing.end();
      });
    }

    function follow(incoming: IncomingMessage, leave: () => void): Line {
      let body = "";
      let taken = 0;
      let wake = (): void => undefined;
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk: string) => {
        body += chunk;
        wake();
      });
      const ended = new Promise<void>((resolve) => {
        incoming.once("close", () => resolve());
        incoming.on("error", () => resolve());
      });
      return {
        status: incoming.statusCode ?? 0,
        get body() {
          return body;
        },
        async next(event) {
          for (;;) {
            const found = new RegExp(`event: ${event}\\ndata: (.*)\\n\\n`).exec(body.slice(taken));
            if (found?.[1] !== undefined) {
              taken += found.index + found[0].length;
              return JSON.parse(found[1]) as unknown;
            }
            await new Promise<void>((resolve) => (wake = resolve));
          }
        },
        ended,
        leave,
      };
    }

    it("tell a warning of this chat, and again when it was decided", async () => {
      const line = await listen(await world.signedIn("chenli"), "customerId=wmA");
      expect(line.status).toBe(200);
      await archive("ChenLi", "wmA", RISKY);
      const warning = (await line.next("warning")) as { caseId: string };
      expect(warning).toMatchObject({ quote: RISKY, state: "open" });
      await world.database.write((tx) => cases.decideIn(tx, warning.caseId, "handled", "zhangwei"));
      expect(await line.next("warning")).toMatchObject({
        caseId: warning.caseId,
        state: "handled",
      });
      line.leave();
    });

    it("tell nothing of a colleague's chat with the same customer", async () => {
      const line = await listen(await world.signedIn("chenli"), "customerId=wmA");
      await archive("wuhao", "wmA", RISKY);
      await archive("ChenLi", "wmA", "保本保息的，放心");
      expect(await line.next("warning")).toMatchObject({ quote: "保本保息的，放心" });
      expect(line.body).not.toContain(RISKY);
      line.leave();
    });

    it("tell of new rules, with a chat or without", async () => {
      const browser = await world.signedIn("chenli");
      const lines = [await listen(browser, "customerId=wmA"), await listen(browser, "")];
      const { version, rules: all } = await rules.drafts.list();
      await rules.drafts.setEnabled(all[0]?.id ?? "", false, "liuyang");
      await publishRules(world.database, rules);
      for (const line of lines) {
        expect(await line.next("rules")).toEqual({ version: version + 1 });
        line.leave();
      }
    });

    it("tell a group's warnings to who is still in it", async () => {
      const line = await listen(await world.signedIn("chenli"), "chatId=wrG");
      await archive("ChenLi", "wmA", RISKY, "wrG");
      expect(await line.next("warning")).toMatchObject({ quote: RISKY });
      line.leave();
    });

    it.each([
      ["chatId=wrX", 404],
      ["customerId=wmB", 404],
      ["customerId=wmA&chatId=wrG", 400],
      ["customerId=a&customerId=b", 400],
    ])("are refused before the stream begins: %s", async (query, status) => {
      const line = await listen(await world.signedIn("chenli"), query);
      expect(line.status).toBe(status);
    });

    it("are refused to who has no session", async () => {
      expect((await listen(world.browser(), "customerId=wmA")).status).toBe(401);
    });

    it("end when the person signs out", async () => {
      const browser = await world.signedIn("chenli");
      const line = await listen(browser, "customerId=wmA");
      await browser.post("/api/session/end");
      await line.ended;
    });

    it("end when the member leaves, and not when another's session ends", async () => {
      const line = await listen(await world.signedIn("chenli"), "customerId=wmA");
      const other = await listen(await world.signedIn("wuhao"), "customerId=wmA");
      await world.database.write((tx) => world.members.deactivate(tx, "chenli"));
      await line.ended;
      await archive("wuhao", "wmA", RISKY);
      expect(await other.next("warning")).toMatchObject({ quote: RISKY });
      other.leave();
    });

    it("end when the session runs out", async () => {
      const line = await listen(await world.signedIn("chenli"), "customerId=wmA");
      world.time.nowMs += 30 * MINUTE_MS;
      await line.ended;
    });

    it("let go of everything when the page goes away", async () => {
      const stops: string[] = [];
      const subscribe = world.events.subscribe.bind(world.events);
      world.events.subscribe = (topic, listener) => {
        const stop = subscribe(topic, listener);
        return () => {
          stops.push(topic);
          stop();
        };
      };
      const line = await listen(await world.signedIn("chenli"), "customerId=wmA");
      line.leave();
      await line.ended;
      while (stops.length < 3) await new Promise((resolve) => setImmediate(resolve));
      expect(stops.sort()).toEqual(["conversation:s:chenli:wmA", "rules", "session-ended:chenli"]);
    });

    it("are no reason to stay signed in: the stream itself is no activity", async () => {
      const browser = await world.signedIn("chenli");
      const line = await listen(browser, "customerId=wmA");
      for (let times = 0; times < 29; times += 1) {
        world.time.nowMs += MINUTE_MS;
        await archive("ChenLi", "wmA", `保本保息${times}`);
        await line.next("warning");
      }
      world.time.nowMs += MINUTE_MS;
      await line.ended;
    });
  });
});

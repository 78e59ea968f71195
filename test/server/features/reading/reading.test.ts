import type {
  ConversationList,
  ConversationView,
  MessagePage,
  MessageView,
  OwnReadings,
} from "#shared/contract/reading";
import { Reading1764100000000 } from "../../../../migrations/1764100000000-reading.ts";
import { Retention1764500000000 } from "../../../../migrations/1764500000000-retention.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import type { Browser } from "../sign-in/people-world.ts";
import {
  MINUTE_MS,
  openEverything,
  PURPOSE,
  startReading,
  startReadingWorld,
} from "./reading-world.ts";
import type { ReadingWorld, Said } from "./reading-world.ts";

const DAY_MS = 24 * 60 * MINUTE_MS;
const A = "s:chenli:wmA";
const B = "s:wuhao:wmB";
const GROUP = "g:wrG";
const STRANGE = "s:xujie:wmC";
const RISKY = "这款理财保本保息，加我私人微信聊";

forEachDatabase("reading the archive", (open) => {
  let world: ReadingWorld;
  let manager: Browser;
  let startMs: number;
  let seqs: number[];

  beforeEach(async () => {
    world = await startReadingWorld(open);
    startMs = world.time.nowMs - 2 * DAY_MS;
    seqs = await world.archive([
      { from: "ChenLi", to: "wmA", text: "您好，我的电话13812345678", atMs: startMs },
      { from: "wmA", to: "ChenLi", text: "好的", atMs: startMs + MINUTE_MS },
      { from: "ChenLi", room: "wrG", text: "大家好", atMs: startMs + 2 * MINUTE_MS },
      { from: "wmA", room: "wrG", text: "欢迎", atMs: startMs + 3 * MINUTE_MS },
      { from: "xujie", room: "wrG", text: "我是徐杰", atMs: startMs + 4 * MINUTE_MS },
      { from: "wuhao", to: "wmB", text: RISKY, atMs: startMs + DAY_MS },
      { from: "xujie", to: "wmC", text: "别人的客户", atMs: startMs + DAY_MS },
      { from: "ChenLi", to: "wuhao", text: "内部说一句", atMs: startMs + DAY_MS + MINUTE_MS },
      { from: "wuhao", to: "ChenLi", text: "收到", atMs: startMs + DAY_MS + 2 * MINUTE_MS },
    ]);
    manager = await world.signedIn("zhangwei");
  });
  afterEach(() => world.stop());

  const list = async (browser: Browser, query = ""): Promise<ConversationList> => {
    const answer = await browser.get(`/api/manager/conversations${query}`);
    expect(answer.status).toBe(200);
    return answer.body as ConversationList;
  };
  const idsOf = async (query: string, browser = manager): Promise<string[]> =>
    (await list(browser, query)).conversations.map(({ id }) => id);
  const read = async (browser: Browser, readingId: string, query = ""): Promise<MessagePage> => {
    const answer = await browser.get(`/api/manager/readings/${readingId}/messages${query}`);
    expect(answer.status).toBe(200);
    return answer.body as MessagePage;
  };
  const rowsIn = async (table: string): Promise<number> => {
    const [row] = await world.database.read.query<{ n: string | number }[]>(
      `SELECT COUNT(*) AS n FROM ${table}`,
    );
    return Number(row?.n);
  };

  /** Destroys the key that sealed a message, as the deletion of its customer does. */
  const eraseKeyOf = async (seq: number): Promise<void> => {
    const [row] = await world.database.read.query<{ body: Buffer }[]>(
      "SELECT body FROM message WHERE seq = ?",
      [seq],
    );
    const keyId = row!.body.subarray(1, 9).toString("hex");
    await world.database.write((tx) =>
      tx.query("UPDATE data_key SET wrapped = NULL, commitment = NULL WHERE id = ?", [keyId]),
    );
  };

  describe("the list", () => {
    it("shows the conversations of those whom one leads, newest first, and nothing of what was said", async () => {
      const answer = await manager.get("/api/manager/conversations");
      const { conversations, nextCursor } = answer.body as ConversationList;
      expect(conversations.map(({ id }) => id)).toEqual(["i:chenli:wuhao", B, GROUP, A]);
      expect(nextCursor).toBeNull();
      expect(answer.text).not.toMatch(/王总|赵女士|大家好|保本|电话/);
      expect(conversations[1]).toEqual({
        id: B,
        kind: "single",
        members: [{ id: "wuhao", name: "吴昊" }],
        customerId: "wmB",
        customerName: "赵**",
        roomId: null,
        groupName: null,
        messageCount: 1,
        firstAtMs: startMs + DAY_MS,
        lastAtMs: startMs + DAY_MS,
        expired: null,
        openCaseCount: 1,
      } satisfies ConversationView);
      expect(conversations[2]).toMatchObject({
        kind: "group",
        members: [
          { id: "chenli", name: "陈丽" },
          { id: "xujie", name: "徐杰" },
        ],
        customerId: null,
        roomId: "wrG",
        groupName: "新品交流群",
        messageCount: 3,
        openCaseCount: 0,
      });
    });

    it.each<[string, (startMs: number) => string, string[]]>([
      ["member", () => "memberId=wuhao", ["i:chenli:wuhao", B]],
      ["a member whom one does not lead", () => "memberId=xujie", []],
      ["customer", () => "customerId=wmA", [GROUP, A]],
      ["group", () => "roomId=wrG", [GROUP]],
      ["a group that nobody of one's own is in", () => "roomId=wrOther", []],
      ["department", () => "departmentId=31", ["i:chenli:wuhao", B, GROUP, A]],
      ["another department", () => "departmentId=4", []],
      ["kind of conversation", () => "kind=group", [GROUP]],
      ["kind of message", () => "messageKind=file", []],
      ["hits", () => "hasHit=yes", [B]],
      ["time", (at) => `fromMs=${at + 2 * MINUTE_MS}&toMs=${at + DAY_MS}`, [GROUP]],
      ["time, the end left out", (at) => `toMs=${at + 2 * MINUTE_MS}`, [A]],
      ["several at once", () => "memberId=wuhao&kind=single", [B]],
    ])("can be narrowed by %s", async (_name, query, expected) => {
      expect(await idsOf(`?${query(startMs)}`)).toEqual(expected);
    });

    it("is narrowed to a department's own for who leads several", async () => {
      await world.archive([{ from: "heping", to: "wmD", atMs: startMs }]);
      const director = await world.signedIn("zhoumin");
      expect(await idsOf("?departmentId=32", director)).toEqual(["s:heping:wmD"]);
      expect(await idsOf("?departmentId=3", director)).toHaveLength(5);
      const { body } = await director.get("/api/manager/conversations/scope");
      expect(body).toEqual({
        members: [
          { id: "chenli", name: "陈丽" },
          { id: "heping", name: "何平" },
          { id: "wuhao", name: "吴昊" },
          { id: "zhangwei", name: "张伟" },
        ],
        departments: [
          { id: 32, name: "二组" },
          { id: 31, name: "一组" },
        ],
      });
    });

    it("is cut into pages without a gap or a repetition, also where times are equal", async () => {
      const said = Array.from({ length: 65 }, (_, index): Said => ({
        from: "ChenLi",
        to: `wm${index}`,
        atMs: startMs + DAY_MS + (index % 3) * MINUTE_MS,
      }));
      await world.archive(said);
      const seen: string[] = [];
      const sizes: number[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const query = `?kind=single&memberId=chenli${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
        const page = await list(manager, query);
        seen.push(...page.conversations.map(({ id }) => id));
        sizes.push(page.conversations.length);
        cursor = page.nextCursor;
      }
      expect(sizes).toEqual([30, 30, 6]);
      expect(new Set(seen).size).toBe(66);
      expect(seen.at(-1)).toBe(A);
    });

    it.each(["cursor=1", "cursor=x.y", "kind=secret", "fromMs=-1", "departmentId=a"])(
      "refuses %s",
      async (query) => {
        expect((await manager.get(`/api/manager/conversations?${query}`)).status).toBe(400);
      },
    );

    it("is empty for who leads nobody with conversations, and refused to who leads nobody", async () => {
      expect(await idsOf("", await world.signedIn("linxiaoyan"))).toEqual([STRANGE, GROUP]);
      for (const userid of ["chenli", "liuyang"]) {
        const browser = await world.signedIn(userid);
        for (const path of ["", "/scope"]) {
          expect((await browser.get(`/api/manager/conversations${path}`)).status).toBe(403);
        }
      }
    });
  });

  describe("a reading", () => {
    it("is written down, sealed, before anything is shown", async () => {
      const reading = await startReading(manager, A);
      expect(reading).toMatchObject({
        conversation: { id: A, customerName: "王*" },
        anchorSeq: null,
        readerName: "张伟",
        startedAtMs: world.time.nowMs,
        expiresAtMs: world.time.nowMs + 30 * MINUTE_MS,
      });
      const rows = await world.database.read.query<{ purpose: Buffer }[]>("SELECT * FROM reading");
      expect(rows).toHaveLength(1);
      expect(rows[0]).toMatchObject({ id: reading.id, reader_id: "zhangwei", conversation_id: A });
      expect(rows[0]!.purpose.toString("utf8")).not.toContain("投诉");
      expect(await rowsIn("reading_subject")).toBe(1);
    });

    it("shows what was said, numbers starred, customers' names masked, hits marked", async () => {
      const { id } = await startReading(manager, B);
      const { messages } = await read(manager, id);
      expect(messages[0]).toMatchObject({ speaker: "member", senderName: "吴昊", text: RISKY });
      const [finding] = messages[0]!.findings;
      expect(RISKY.slice(finding!.spans[0]!.start, finding!.spans[0]!.end)).toBeTruthy();
      const page = await read(manager, (await startReading(manager, A)).id);
      expect(page.messages.map(({ senderName, text }) => [senderName, text])).toEqual([
        ["陈丽", "您好，我的电话138****5678"],
        ["王*", "好的"],
      ]);
    });

    it.each(["", "   ", "看看", "看　", "长".repeat(101), null])(
      "needs a reason: %j",
      async (purpose) => {
        const answer = await manager.post("/api/manager/readings", { conversationId: A, purpose });
        expect(answer.status).toBe(400);
        expect(Object.keys((answer.body as { fields: object }).fields)).toEqual(["purpose"]);
        expect(await rowsIn("reading")).toBe(0);
      },
    );

    it("names one conversation or one case", async () => {
      const both = { conversationId: A, caseId: "c", purpose: PURPOSE };
      for (const body of [both, { purpose: PURPOSE }]) {
        expect((await manager.post("/api/manager/readings", body)).status).toBe(400);
      }
    });

    it("opens a case's conversation at its message", async () => {
      const [row] = await world.database.read.query<{ id: string }[]>(
        "SELECT id FROM supervision_case",
      );
      const body = { caseId: row!.id, purpose: PURPOSE };
      const answer = await manager.post("/api/manager/readings", body);
      expect(answer.body).toMatchObject({ conversation: { id: B }, anchorSeq: seqs[5] });
      const other = await world.signedIn("linxiaoyan");
      expect((await other.post("/api/manager/readings", body)).status).toBe(404);
      const unknown = { caseId: "none", purpose: PURPOSE };
      expect((await manager.post("/api/manager/readings", unknown)).status).toBe(404);
    });

    it("is refused for somebody else's conversation as for one that does not exist", async () => {
      const answers = [];
      for (const conversationId of [STRANGE, "s:nobody:wmX"]) {
        const body = { conversationId, purpose: PURPOSE };
        answers.push(await manager.post("/api/manager/readings", body));
      }
      const [strange, missing] = answers;
      expect(strange!.status).toBe(404);
      expect(strange!.body.code).toBe(missing!.body.code);
      expect(await rowsIn("reading")).toBe(0);
      for (const userid of ["chenli", "liuyang"]) {
        const body = { conversationId: A, purpose: PURPOSE };
        const browser = await world.signedIn(userid);
        expect((await browser.post("/api/manager/readings", body)).status).toBe(403);
      }
    });

    it("is its reader's alone, ends after half an hour, and ends with the reader's charge", async () => {
      const { id } = await startReading(manager, A);
      const path = `/api/manager/readings/${id}/messages`;
      expect((await (await world.signedIn("zhoumin")).get(path)).status).toBe(404);
      expect((await (await world.signedIn("liuyang")).get(path)).status).toBe(403);
      expect((await manager.get("/api/manager/readings/none/messages")).status).toBe(404);
      expect((await manager.get(`/api/manager/searches/${id}/results`)).status).toBe(404);
      world.time.nowMs += 30 * MINUTE_MS - 1;
      expect((await manager.get(path)).status).toBe(200);
      world.time.nowMs += 1;
      expect((await manager.get(path)).status).toBe(404);

      const again = await startReading(manager, A);
      const chenli = world.company.members.find(({ userid }) => userid === "ChenLi")!;
      chenli.department = [4];
      await world.sync();
      world.time.nowMs += 10_000;
      expect((await manager.get(`/api/manager/readings/${again.id}/messages`)).status).toBe(404);
    });
  });

  describe("a conversation's pages", () => {
    let all: number[];
    let readingId: string;

    beforeEach(async () => {
      const said = Array.from({ length: 118 }, (_, index): Said => ({
        from: index % 2 === 0 ? "wmA" : "ChenLi",
        to: index % 2 === 0 ? "ChenLi" : "wmA",
        text: `第${index}句`,
        // Several in one millisecond, and not in the order of their seqs.
        atMs: startMs + DAY_MS - Math.floor(index / 4) * MINUTE_MS,
      }));
      await world.archive(said);
      const rows = await world.database.read.query<{ seq: string | number }[]>(
        "SELECT seq FROM message WHERE conversation_id = ? ORDER BY sent_at_ms, seq",
        [A],
      );
      all = rows.map(({ seq }) => Number(seq));
      await openEverything(world, "zhangwei");
      readingId = (await startReading(manager, A)).id;
    });

    const seqsOf = (messages: readonly MessageView[]): number[] => messages.map(({ seq }) => seq);

    it("give every message once from the newest to the oldest, and the other way", async () => {
      expect(all).toHaveLength(120);
      let page = await read(manager, readingId);
      expect(page.newerCursor).toBeNull();
      let seen = seqsOf(page.messages);
      while (page.olderCursor !== null) {
        page = await read(manager, readingId, `?before=${page.olderCursor}`);
        seen = [...seqsOf(page.messages), ...seen];
      }
      expect(seen).toEqual(all);

      page = await read(manager, readingId, "?from=oldest");
      expect(page.olderCursor).toBeNull();
      seen = seqsOf(page.messages);
      while (page.newerCursor !== null) {
        page = await read(manager, readingId, `?after=${page.newerCursor}`);
        seen.push(...seqsOf(page.messages));
      }
      expect(seen).toEqual(all);
    });

    it("begin round a message, wherever it stands", async () => {
      for (const at of [0, 10, 60, 119]) {
        const { messages, olderCursor, newerCursor } = await read(
          manager,
          readingId,
          `?around=${all[at]}`,
        );
        const from = Math.max(0, at - 25);
        expect(seqsOf(messages)).toEqual(all.slice(from, at + 25));
        expect(olderCursor === null).toBe(from === 0);
        expect(newerCursor === null).toBe(at + 25 >= all.length);
      }
    });

    it("know nothing of other conversations' messages", async () => {
      const path = `/api/manager/readings/${readingId}/messages`;
      expect((await manager.get(`${path}?around=${seqs[5]}`)).status).toBe(404);
      expect((await manager.get(`${path}?before=abc`)).status).toBe(400);
    });
  });

  it("shows what is no text in its kind, what was recalled as such, and what was erased as erased", async () => {
    const at = startMs + 3 * 60 * MINUTE_MS;
    const between = { from: "ChenLi", to: "wmA" };
    await world.archive([
      { ...between, atMs: at, wire: { msgtype: "file", file: { filename: "报价单.xlsx" } } },
      { ...between, atMs: at + 1, wire: { msgtype: "voice", voice: {} } },
      { ...between, atMs: at + 2, wire: { msgtype: "brand_new_type" } },
    ]);
    await world.archive([
      {
        ...between,
        atMs: at + 3,
        wire: {
          action: "recall",
          msgtype: "revoke",
          revoke: { pre_msgid: `m${seqs[0]}_external` },
        },
      },
    ]);
    const reading = await startReading(manager, A);
    const { messages } = await read(manager, reading.id);
    expect(messages[0]).toMatchObject({ seq: seqs[0], recalledAtMs: at + 3 });
    expect(messages.map(({ kind }) => kind)).toEqual([
      "text",
      "text",
      "file",
      "voice",
      "other",
      "revoke",
    ]);
    expect(messages[2]!.text).toBe("报价单.xlsx");

    await eraseKeyOf(messages[0]!.seq);
    const later = await startReadingWorld(open, world);
    const erased = await later
      .signedIn("zhangwei")
      .then((again) => read(again, reading.id))
      .finally(() => later.stop());
    expect(erased.messages).toHaveLength(6);
    for (const one of erased.messages) expect(one).toMatchObject({ isErased: true, text: "" });
  });

  describe("the people concerned", () => {
    it("see who read their chats and why, and nobody else's", async () => {
      await startReading(manager, A);
      world.time.nowMs += MINUTE_MS;
      await startReading(manager, GROUP);
      const own = async (userid: string): Promise<OwnReadings["readings"]> => {
        const answer = await (await world.signedIn(userid)).get("/api/session/readings");
        expect(answer.status).toBe(200);
        return (answer.body as OwnReadings).readings;
      };
      expect(await own("chenli")).toMatchObject([
        { kind: "conversation", conversation: { id: GROUP, groupName: "新品交流群" } },
        {
          readerName: "张伟",
          purpose: PURPOSE,
          conversation: { id: A, kind: "single", customerName: "王总" },
          startedAtMs: world.time.nowMs - MINUTE_MS,
        },
      ]);
      // Of another team, but in the group.
      expect(await own("xujie")).toMatchObject([{ conversation: { id: GROUP } }]);
      expect(await own("wuhao")).toEqual([]);
      expect((await world.browser().get("/api/session/readings")).status).toBe(401);
    });

    it("find all of them, page by page", async () => {
      for (let count = 0; count < 45; count += 1) {
        if (count % 4 === 0) world.time.nowMs += 1;
        await startReading(manager, A);
      }
      const chenli = await world.signedIn("chenli");
      const seen: string[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const answer = await chenli.get(`/api/session/readings${cursor && `?cursor=${cursor}`}`);
        const page = answer.body as OwnReadings;
        seen.push(...page.readings.map(({ id }) => id));
        cursor = page.nextCursor;
      }
      expect(seen).toHaveLength(45);
      expect(new Set(seen).size).toBe(45);
    });
  });

  it("keeps the conversations equal to what the messages say, as the migration finds them", async () => {
    await world.archive([
      { from: "wmA", to: "ChenLi", atMs: startMs - DAY_MS },
      { from: "wmZ", room: "wrG", atMs: startMs + DAY_MS },
      { from: "ChenLi", atMs: startMs, wire: { action: "switch", user: "ChenLi", time: startMs } },
    ]);
    const readTables = async (): Promise<object[][]> => [
      await world.database.read.query("SELECT * FROM conversation ORDER BY id"),
      await world.database.read.query(
        "SELECT * FROM conversation_party ORDER BY conversation_id, party_id",
      ),
    ];
    const kept = await readTables();
    const group = { id: GROUP, kind: "group", customer_id: null, room_id: "wrG" };
    expect(kept[0]).toHaveLength(5);
    expect(kept[0]!.find((row) => (row as { id: string }).id === GROUP)).toMatchObject(group);
    const migration = new Reading1764100000000();
    const later = new Retention1764500000000();
    await world.database.write(async (tx) => {
      await later.down(tx.queryRunner!);
      await migration.down(tx.queryRunner!);
      await migration.up(tx.queryRunner!);
      // Interrupted, it goes on; MySQL cannot undo a table.
      if (world.database.dialect === "mysql") await migration.up(tx.queryRunner!);
      await later.up(tx.queryRunner!);
    });
    expect(await readTables()).toEqual(kept);
  });
});

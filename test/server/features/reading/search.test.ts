import { searchLimit } from "#shared/contract/reading";
import { insertNew } from "../../../../server/src/platform/database/insert-new.ts";
import { eventually } from "../../../support/eventually.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import type { Browser } from "../sign-in/people-world.ts";
import {
  MINUTE_MS,
  openEverything,
  openResults,
  PURPOSE,
  readOutcome,
  search,
  startReadingWorld,
  startSearch,
} from "./reading-world.ts";
import type { ReadingWorld, Said } from "./reading-world.ts";

/** Few, so that any two of them stand together somewhere. */
const LETTERS = Array.from("保本收益加微信好的a1 %_\\\"'😀");

/** Repeatable "random" numbers below `bound`. */
function createDice(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

forEachDatabase("searching the archive", (open) => {
  let world: ReadingWorld;
  let manager: Browser;
  let atMs: number;

  beforeEach(async () => {
    world = await startReadingWorld(open);
    manager = await world.signedIn("zhangwei");
    atMs = world.time.nowMs - 24 * 60 * MINUTE_MS;
  });
  afterEach(() => world.stop());

  it("finds what a naive search finds, whatever the texts, and nobody else's", async () => {
    const dice = createDice(20_261_123);
    const word = (length: number): string =>
      Array.from({ length }, () => LETTERS[dice(LETTERS.length)]).join("");
    const chats: Pick<Said, "from" | "to" | "room">[] = [
      { from: "ChenLi", to: "wmA" },
      { from: "wmA", to: "ChenLi" },
      { from: "ChenLi", to: "wmA" },
      { from: "wmB", to: "wuhao" },
      { from: "ChenLi", room: "wrG" },
      { from: "xujie", room: "wrG" },
      { from: "xujie", to: "wmC" },
    ];
    // More than one step in one conversation, and many small ones beside it.
    const said = Array.from({ length: 2600 }, (_, index): Said => {
      const chat = dice(20) === 0 ? { from: "ChenLi", to: `wm${dice(30)}` } : chats[dice(7)]!;
      return { ...chat, text: word(1 + dice(14)), atMs: atMs + dice(1000) * 1000 + (index % 3) };
    });
    const seqs: number[] = [];
    for (let from = 0; from < said.length; from += 1000) {
      seqs.push(...(await world.archive(said.slice(from, from + 1000))));
    }
    await openEverything(world, "zhangwei");
    const visible = said.map((one, index) => ({ ...one, seq: seqs[index]! })).filter(isLed);
    for (const length of [2, 2, 2, 2, 3, 3, 3, 4, 6]) {
      const wanted = word(length);
      // A search ignores blanks round what was typed.
      if (wanted.trim() !== wanted) continue;
      const naive = visible.filter(({ text }) => text!.includes(wanted)).map(({ seq }) => seq);
      const { found, done } = await search(world, manager, wanted);
      expect(found.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(naive);
      expect(done).toEqual({
        outcome: naive.length === 0 ? "none" : "all",
        found: naive.length,
        scanned: visible.length,
        total: visible.length,
        withheld: 0,
        erased: 0,
        expired: 0,
        unopened: 0,
      });
      for (const { excerpt, marks } of found) {
        expect(marks.length).toBeGreaterThan(0);
        for (const { start, end } of marks) expect(excerpt!.slice(start, end)).toBe(wanted);
      }
    }
  });

  it("says whether that was all: nothing, everything, or cut off", async () => {
    const hits = (count: number, text: string): Said[] =>
      Array.from({ length: count }, (_, index) => ({
        from: "ChenLi",
        to: `wm${index % 7}`,
        text: `${index}${text}`,
        atMs: atMs + index,
      }));
    await world.archive([...hits(searchLimit, "刚好"), ...hits(searchLimit + 1, "太多")]);
    const outcomeOf = async (text: string): Promise<object> => {
      const { found, done } = await search(world, manager, text);
      return { outcome: done?.outcome, told: done?.found, shown: found.length };
    };
    expect(await outcomeOf("没有")).toEqual({ outcome: "none", told: 0, shown: 0 });
    expect(await outcomeOf("刚好")).toEqual({
      outcome: "all",
      told: searchLimit,
      shown: searchLimit,
    });
    const cutOff = { outcome: "cut_off", told: searchLimit, shown: searchLimit };
    expect(await outcomeOf("太多")).toEqual(cutOff);
  });

  it("keeps within the filter, of conversations and of their messages", async () => {
    const chat = { from: "ChenLi", to: "wmA" };
    const file = { msgtype: "file", file: { filename: "保险方案.pdf" } };
    const [early, late, sent, other] = await world.archive([
      { ...chat, text: "保险方案一", atMs },
      { ...chat, text: "保险方案二", atMs: atMs + MINUTE_MS },
      { ...chat, atMs: atMs + MINUTE_MS, wire: file },
      { from: "wuhao", to: "wmB", text: "保险方案三", atMs },
    ]);
    const seqsFor = async (filter: object): Promise<number[]> => {
      const { found } = await search(world, manager, "保险方案", filter);
      return found.map(({ seq }) => seq).sort((a, b) => a - b);
    };
    expect(await seqsFor({})).toEqual([early, late, sent, other]);
    expect(await seqsFor({ memberId: "wuhao" })).toEqual([other]);
    expect(await seqsFor({ customerId: "wmA", messageKind: "text" })).toEqual([early, late]);
    expect(await seqsFor({ fromMs: atMs + 1 })).toEqual([late, sent]);
    expect(await seqsFor({ toMs: atMs + MINUTE_MS, memberId: "chenli" })).toEqual([early]);
    expect(await seqsFor({ memberId: "xujie" })).toEqual([]);
    expect(await seqsFor({ hasHit: "yes" })).toEqual([]);
  });

  it("shows a piece of the message, numbers starred, with who said it where", async () => {
    await world.archive([
      { from: "wmA", to: "ChenLi", text: `${"嗯".repeat(200)}转到卡6222021234567890123吧`, atMs },
    ]);
    const [one] = (await search(world, manager, "转到卡")).found;
    expect(one).toMatchObject({
      speaker: "customer",
      senderName: "王*",
      kind: "text",
      sentAtMs: atMs,
      conversation: { id: "s:chenli:wmA", customerName: "王*" },
    });
    expect(one!.excerpt).toMatch(/^…嗯+转到卡622\*+0123吧$/);
    expect(one!.excerpt!.length).toBeLessThanOrEqual(120);
  });

  it("counts what of the conversations was destroyed in its time, unless it is too old to matter", async () => {
    await world.archive([
      { from: "wmA", to: "ChenLi", text: "后来的话", atMs },
      { from: "wmZ", to: "xujie", text: "别人的话", atMs },
    ]);
    await world.database.write((tx) =>
      tx.query("UPDATE conversation SET expired_count = 7, expired_to_ms = ?", [atMs - MINUTE_MS]),
    );
    const expiredIn = async (filter: object) =>
      (await search(world, manager, "从前", filter)).done?.expired;
    expect(await expiredIn({})).toBe(7);
    expect(await expiredIn({ fromMs: atMs - MINUTE_MS })).toBe(7);
    expect(await expiredIn({ fromMs: atMs })).toBe(0);
    expect(await expiredIn({ memberId: "wuhao" })).toBe(0);
  });

  it("counts what was erased on purpose, so that nothing found does not mean nothing said", async () => {
    await world.archive([{ from: "wmA", to: "ChenLi", text: "已经删除的话", atMs }]);
    const [row] = await world.database.read.query<{ body: Buffer }[]>("SELECT body FROM message");
    const keyId = row!.body.subarray(1, 9).toString("hex");
    await world.database.write((tx) =>
      tx.query("UPDATE data_key SET wrapped = NULL, commitment = NULL WHERE id = ?", [keyId]),
    );
    const later = await startReadingWorld(open, world);
    const { done } = await later
      .signedIn("zhangwei")
      .then((browser) => search(later, browser, "删除"))
      .finally(() => later.stop());
    expect(done).toMatchObject({ outcome: "none", scanned: 1, erased: 1 });
  });

  it("counts what nobody could open yet, wherever it was said", async () => {
    await world.archive([{ from: "wmA", to: "ChenLi", text: "看得见的话", atMs }]);
    const item = { msg_id: "m", key_version: 9, reason: "unknown_key_version", attempts: 1 };
    await world.database.write((tx) =>
      insertNew(
        tx,
        "undecodable",
        "seq",
        [null, null, 1].map((resolved_at_ms, index) => {
          const seq = 9000 + index;
          return { ...item, seq, item: Buffer.alloc(1), received_at_ms: atMs, resolved_at_ms };
        }),
      ),
    );
    const { done } = await search(world, manager, "看不见");
    expect(done).toMatchObject({ outcome: "none", scanned: 1, total: 1, unopened: 2 });
  });

  it("is written down with its reason before it begins, and those in its scope see it", async () => {
    await world.archive([{ from: "ChenLi", to: "wmA", atMs }]);
    const { id } = await startSearch(manager, "投诉内容", { memberId: "chenli" });
    const rows =
      await world.database.read.query<{ purpose: Buffer; search: Buffer }[]>(
        "SELECT * FROM reading",
      );
    expect(rows).toMatchObject([{ id, kind: "search", conversation_id: null }]);
    const sealed = Buffer.concat([rows[0]!.purpose, rows[0]!.search]).toString("utf8");
    expect(sealed).not.toMatch(/投诉|chenli/);
    const own = await (await world.signedIn("chenli")).get("/api/session/readings");
    expect(own.body.readings).toMatchObject([
      { kind: "search", readerName: "张伟", purpose: PURPOSE, conversation: null },
    ]);
    expect(own.text).not.toContain("投诉内容");
    const others = await (await world.signedIn("wuhao")).get("/api/session/readings");
    expect(others.body.readings).toEqual([]);
    expect(world.lines.join("")).not.toMatch(/投诉/);
  });

  it.each([
    ["one character", { text: "保" }, "text"],
    ["one emoji", { text: "😀" }, "text"],
    ["blanks", { text: "  保  " }, "text"],
    ["two lines", { text: "保本\n收益" }, "text"],
    ["too much", { text: "保".repeat(65) }, "text"],
    ["no reason", { purpose: "" }, "purpose"],
    ["an unknown filter", { filter: { everything: true } }, "filter"],
  ])("refuses %s", async (_name, change, field) => {
    const request = { text: "保本", filter: {}, purpose: PURPOSE, ...change };
    const answer = await manager.post("/api/manager/searches", request);
    expect(answer.status).toBe(400);
    expect(Object.keys(answer.body.fields as object)).toEqual([field]);
  });

  it("is its reader's alone and ends after half an hour", async () => {
    const { id } = await startSearch(manager, "保本");
    const path = `/api/manager/searches/${id}/results`;
    expect((await (await world.signedIn("zhoumin")).get(path)).status).toBe(404);
    for (const userid of ["liuyang", "chenli"]) {
      const browser = await world.signedIn(userid);
      expect((await browser.get(path)).status).toBe(403);
      const request = { text: "保本", filter: {}, purpose: PURPOSE };
      expect((await browser.post("/api/manager/searches", request)).status).toBe(403);
    }
    expect((await manager.get(`/api/manager/readings/${id}/messages`)).status).toBe(404);
    world.time.nowMs += 30 * MINUTE_MS - 1;
    expect((await manager.get(path)).status).toBe(200);
    world.time.nowMs += 1;
    expect((await manager.get(path)).status).toBe(404);
    expect((await world.browser().get(path)).status).toBe(401);
  });

  describe("while it runs", () => {
    /** Two steps. */
    const SAID = 1800;
    let release: () => void;

    beforeEach(async () => {
      const said = Array.from({ length: SAID }, (_, index): Said => ({
        from: "ChenLi",
        to: "wmA",
        text: "一直在找的话",
        atMs: atMs + index,
      }));
      await world.archive(said.slice(0, 1000));
      await world.archive(said.slice(1000));
      // Without end until the test lets go: every step waits.
      const gate = new Promise<void>((resolve) => (release = resolve));
      world.watch.onStep = () => gate;
    });

    /** Opens a search and waits until it has taken its first step. */
    async function begin(): Promise<Awaited<ReturnType<typeof openResults>>> {
      const steps = world.watch.steps;
      const { id } = await startSearch(manager, "找不到的话");
      const stream = await openResults(world, manager, id);
      await eventually(
        () => world.watch.steps,
        (count) => count > steps,
      );
      return stream;
    }
    const ended = (count: number): Promise<number> =>
      eventually(
        () => world.watch.ended,
        (seen) => seen === count,
      );

    async function readAll(answer: AsyncIterable<unknown>): Promise<string> {
      let all = "";
      for await (const chunk of answer) all += String(chunk);
      return all;
    }

    it("tells how far it is, and at the end that it is done", async () => {
      const { answer } = await begin();
      release();
      const { progress, done } = readOutcome(await readAll(answer));
      expect(progress[0]).toEqual({ scanned: 0, total: SAID });
      expect(done).toMatchObject({ scanned: SAID, total: SAID, outcome: "none" });
      expect(world.watch.steps).toBe(2);
    });

    it("is cancelled by closing the stream", async () => {
      const stream = await begin();
      stream.answer.on("error", () => undefined);
      stream.close();
      await eventually(
        () =>
          new Promise((resolve) => world.server.getConnections((_error, count) => resolve(count))),
        (count) => count === 0,
      );
      release();
      await ended(1);
      expect(world.watch.steps).toBe(1);
    });

    it("gives way to the reader's next search", async () => {
      const first = await begin();
      const second = await begin();
      release();
      const [before, after] = await Promise.all([readAll(first.answer), readAll(second.answer)]);
      expect(readOutcome(before).done).toBeUndefined();
      expect(readOutcome(after).done).toMatchObject({ scanned: SAID });
      await ended(2);
      expect(world.watch.steps).toBe(3);
    });

    it("ends with the session", async () => {
      const { answer } = await begin();
      await manager.post("/api/session/end");
      expect(readOutcome(await readAll(answer)).done).toBeUndefined();
      release();
      await ended(1);
      expect(world.watch.steps).toBe(1);
    });
  });
});

/** 张伟's people: 陈丽, 吴昊, and the group in which 陈丽 speaks. */
function isLed({ from, to, room }: Said): boolean {
  return room !== undefined || ![from, to].includes("xujie");
}

import fc from "fast-check";
import type { MessagePage, OwnReadings } from "#shared/contract/reading";
import { readingLimits } from "#shared/contract/reading-extension";
import type { ExtensionView } from "#shared/contract/reading-extension";
import { AccessGrant } from "../../../../server/src/features/access/grant.entity.ts";
import { choose } from "../../../../server/src/features/reading/allowance.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import type { Browser } from "../sign-in/people-world.ts";
import { MINUTE_MS, search, startReading, startReadingWorld } from "./reading-world.ts";
import type { ReadingWorld, Said } from "./reading-world.ts";

const DAY_MS = 24 * 60 * MINUTE_MS;
const { perConversation, perDay } = readingLimits;
const A = "s:chenli:wm0";

describe("how much is shown without a second person", () => {
  const wantedOf = (seq: number, id: string) => ({
    seq,
    sentAtMs: 0,
    conversation: { id, memberIds: [] },
  });

  it("is never more than the law's threshold allows, whatever is asked for in whatever order", () => {
    const anyAsk = fc.array(fc.tuple(fc.nat(400), fc.nat(9)), { maxLength: 400 });
    fc.assert(
      fc.property(fc.array(anyAsk, { maxLength: 6 }), fc.nat(40), (asks, limit) => {
        const shown: { seq: number; conversationId: string }[] = [];
        for (const ask of asks) {
          // A message stands in one conversation.
          const wanted = ask.map(([seq]) => wantedOf(seq, `c${seq % 10}`));
          const { passed, added, withheld } = choose(wanted, shown, limit);
          expect(added.length).toBeLessThanOrEqual(limit);
          shown.push(
            ...added.map(({ seq, conversation: { id } }) => ({ seq, conversationId: id })),
          );
          const known = new Set(shown.map(({ seq }) => seq));
          expect(known.size).toBe(shown.length);
          for (const seq of passed) expect(known.has(seq)).toBe(true);
          expect(withheld === null).toBe(passed.length === wanted.length);
        }
        expect(shown.length).toBeLessThanOrEqual(perDay);
        for (let id = 0; id < 10; id += 1) {
          const ofOne = shown.filter(({ conversationId }) => conversationId === `c${id}`);
          expect(ofOne.length).toBeLessThanOrEqual(perConversation);
        }
      }),
    );
    expect(perConversation).toBeLessThan(25);
  });
});

forEachDatabase("reading much", (open) => {
  let world: ReadingWorld;
  let manager: Browser;
  let officer: Browser;
  let startMs: number;

  /** 陈丽 talks with so many customers, 60 messages each. */
  async function archive(customers: number): Promise<void> {
    startMs = world.time.nowMs - 2 * DAY_MS;
    for (let n = 0; n < customers; n += 1)
      await world.archive(
        Array.from({ length: 60 }, (_, index): Said => ({
          from: "ChenLi",
          to: `wm${n}`,
          text: `第${index}句，关于合同`,
          atMs: startMs + index * MINUTE_MS,
        })),
      );
  }

  beforeEach(async () => {
    world = await startReadingWorld(open);
    await world.database.write((tx) =>
      tx.insert(AccessGrant, {
        id: "officer",
        memberId: "linxiaoyan",
        role: "data_protection_officer",
        departmentIds: null,
        state: "active",
        grantedBy: "test",
        grantedAtMs: world.time.nowMs,
        endedAtMs: null,
        acceptedRisk: false,
        flaggedAtMs: null,
      }),
    );
    manager = await world.signedIn("zhangwei");
    officer = await world.signedIn("linxiaoyan");
  });
  afterEach(() => world.stop());

  const page = async (readingId: string, query = "", browser = manager): Promise<MessagePage> => {
    const answer = await browser.get(`/api/manager/readings/${readingId}/messages${query}`);
    expect(answer.status).toBe(200);
    return answer.body as MessagePage;
  };
  const ask = (more: object = {}, browser = manager) =>
    browser.post("/api/manager/extensions", {
      conversationId: A,
      days: 3,
      reason: "仲裁需要核对全部承诺",
      ...more,
    });
  const approve = async (browser = officer) => {
    const { body } = await browser.get("/api/approvals");
    const [waiting] = (body as { approvals: { id: string }[] }).approvals;
    return await browser.post(`/api/approvals/${waiting!.id}/decision`, { decision: "approved" });
  };
  const kindsOnRecord = async (): Promise<string[]> =>
    (
      await world.database.read.query<{ kind: string }[]>(
        "SELECT kind FROM ledger_entry ORDER BY position",
      )
    ).map(({ kind }) => kind);

  it("ends at the limit, in one opening or many, and begins again the next day", async () => {
    await archive(1);
    const first = await page((await startReading(manager, A)).id);
    expect(first.messages).toHaveLength(perConversation);
    expect(first).toMatchObject({ withheld: "conversation", extension: null });
    expect(first.messages.at(-1)!.text).toBe("第59句，关于合同");
    // From there, from the other end, round a place: in another tab, too.
    const second = (await startReading(manager, A)).id;
    for (const query of [`?before=${first.olderCursor}`, "?from=oldest", "?around=3"]) {
      const more = await page(second, query);
      expect(more).toMatchObject({ messages: [], withheld: "conversation" });
    }
    const again = await page(second, `?before=${first.olderCursor}`);
    expect(again.olderCursor).toBe(first.olderCursor);
    // What was shown today may be shown again.
    expect((await page(second)).messages).toEqual(first.messages);
    const { found, done } = await search(world, manager, "合同");
    expect(found).toHaveLength(60);
    expect(found.filter(({ excerpt }) => excerpt !== null)).toHaveLength(perConversation);
    expect(done).toMatchObject({ found: 60, withheld: 60 - perConversation });
    world.time.nowMs += DAY_MS;
    manager = await world.signedIn("zhangwei");
    const later = await page((await startReading(manager, A)).id, `?before=${first.olderCursor}`);
    expect(later.messages).toHaveLength(perConversation);
  });

  it("ends at the day's limit over all conversations", async () => {
    await archive(6);
    for (let n = 0; n < 5; n += 1) {
      const { messages } = await page((await startReading(manager, `s:chenli:wm${n}`)).id);
      expect(messages).toHaveLength(perConversation);
    }
    const last = await page((await startReading(manager, "s:chenli:wm5")).id);
    expect(last).toMatchObject({ messages: [], withheld: "day" });
    // Somebody else's day is their own.
    const director = await world.signedIn("zhoumin");
    const { id } = await startReading(director, "s:chenli:wm5");
    expect((await page(id, "", director)).messages).toHaveLength(perConversation);
  });

  it("shows a search's excerpts up to the limit, however many conversations they stand in", async () => {
    await archive(3);
    const { found, done } = await search(world, manager, "第7句");
    expect(done).toMatchObject({ found: 3, withheld: 0 });
    expect(found.every(({ excerpt }) => excerpt !== null)).toBe(true);
    const wide = await search(world, manager, "合同");
    const shown = wide.found.filter(({ excerpt }) => excerpt !== null).length;
    expect(shown).toBeLessThanOrEqual(perConversation + 3);
    expect(wide.done!.withheld).toBe(wide.found.length - shown);
  });

  it("is not got round by asking for everything at once", async () => {
    await archive(1);
    const { id } = await startReading(manager, A);
    const queries = [
      "",
      "?from=oldest",
      ...Array.from({ length: 10 }, (_, n) => `?around=${n * 6 + 1}`),
    ];
    const pages = await Promise.all(queries.map(async (query) => page(id, query)));
    const seen = new Set(pages.flatMap(({ messages }) => messages.map(({ seq }) => seq)));
    expect(seen.size).toBeLessThanOrEqual(perConversation);
    expect(seen.size).toBeGreaterThan(0);
  });

  it("goes on with a second person's yes, for the days that were asked for", async () => {
    await archive(1);
    const { id } = await startReading(manager, A);
    await page(id);
    const asked = await ask({ days: 1 });
    expect(asked.status).toBe(201);
    expect(asked.body).toMatchObject({ state: "waiting", isMine: true, mayEnd: false });
    expect((await ask()).body).toMatchObject({ code: "already_asked" });
    expect(await page(id)).toMatchObject({ extension: { state: "waiting" } });
    expect((await approve()).status).toBe(200);
    const all = [...(await page(id, "?from=oldest")).messages];
    expect(all).toHaveLength(50);
    const { found, done } = await search(world, manager, "合同");
    expect(done).toMatchObject({ withheld: 0 });
    expect(found.every(({ excerpt }) => excerpt !== null)).toBe(true);
    const own = (await (await world.signedIn("chenli")).get("/api/session/readings"))
      .body as OwnReadings;
    expect(own.readings.find(({ kind }) => kind === "bulk")).toMatchObject({
      readerName: "张伟",
      purpose: "仲裁需要核对全部承诺",
      conversation: { id: A },
    });
    expect(await kindsOnRecord()).toContain("reading.extended");
    world.time.nowMs += DAY_MS;
    manager = await world.signedIn("zhangwei");
    const late = await page((await startReading(manager, A)).id, "?from=oldest");
    expect(late).toMatchObject({ withheld: "conversation", extension: null });
    await world.database.write((tx) => world.extensions.expire(tx));
    expect(await kindsOnRecord()).toContain("reading.ended");
  });

  it("opens only the days that were asked for", async () => {
    await archive(1);
    const fromDay = new Date(startMs + 8 * 3600_000 - 9 * DAY_MS).toISOString().slice(0, 10);
    const toDay = new Date(startMs + 8 * 3600_000 - 8 * DAY_MS).toISOString().slice(0, 10);
    expect((await ask({ fromDay: toDay, toDay: fromDay })).status).toBe(400);
    const asked = await ask({ fromDay, toDay });
    expect(asked.body).toMatchObject({ fromDay, toDay });
    await approve();
    expect((await page((await startReading(manager, A)).id)).messages).toHaveLength(
      perConversation,
    );
  });

  it.each<[string, (id: string) => Promise<unknown>]>([
    ["the reader gives it back", (id) => manager.post(`/api/extensions/${id}/end`)],
    ["a second person takes it back", (id) => officer.post(`/api/extensions/${id}/end`)],
    [
      "rights change",
      () => world.database.write((tx) => world.extensions.endAllOf(tx, ["zhangwei"])),
    ],
  ])("is over at once when %s", async (_name, end) => {
    await archive(1);
    const { id: readingId } = await startReading(manager, A);
    const { id } = (await ask()).body as ExtensionView;
    await approve();
    expect((await page(readingId, "?from=oldest")).withheld).toBeNull();
    const stranger = await world.signedIn("zhoumin");
    expect((await stranger.post(`/api/extensions/${id}/end`)).status).toBe(404);
    await end(id);
    expect((await page(readingId, "?from=oldest")).withheld).toBe("conversation");
    const { extensions } = (await officer.get("/api/extensions")).body as {
      extensions: ExtensionView[];
    };
    expect(extensions).toMatchObject([{ id, state: "ended", approvedByName: "林晓燕" }]);
    expect((await stranger.get("/api/extensions")).body as object).toMatchObject({
      extensions: [],
    });
  });

  it("is refused for another team's conversations, by who asks, and where nobody could say yes", async () => {
    await archive(1);
    await world.archive([{ from: "xujie", to: "wmC", atMs: startMs }]);
    expect((await ask({ conversationId: "s:xujie:wmC" })).status).toBe(404);
    expect((await ask({ days: 30 })).status).toBe(400);
    await ask();
    const { body } = await manager.get("/api/approvals");
    const [own] = (body as { approvals: { id: string }[] }).approvals;
    const self = await manager.post(`/api/approvals/${own!.id}/decision`, { decision: "approved" });
    expect(self.body).toMatchObject({ code: "own_request" });
    await world.database.write((tx) =>
      tx.update(AccessGrant, { id: "officer" }, { state: "revoked" }),
    );
    const director = await world.signedIn("zhoumin");
    expect((await ask({}, director)).body).toMatchObject({ code: "no_reading_approver" });
  });
});

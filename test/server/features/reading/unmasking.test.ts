import fc from "fast-check";
import type { MessagePage, OwnReadings } from "#shared/contract/reading";
import type { UnmaskView } from "#shared/contract/unmasking";
import { maskNumbers } from "../../../../server/src/features/cases/quote.ts";
import { starredAt } from "../../../../server/src/features/reading/starred.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import { customer } from "../sign-in/fake-company.ts";
import { signIn } from "../sign-in/people-world.ts";
import type { Browser } from "../sign-in/people-world.ts";
import { MINUTE_MS, startReading, startReadingWorld } from "./reading-world.ts";
import type { ReadingWorld } from "./reading-world.ts";

const A = "s:chenli:wmA";
const REASON = "仲裁材料需要完整号码";
const SAID = "电话13812345678，卡6222021234567890123，***";

describe("what stars hide", () => {
  it("is one field, whichever of its stars is named, and never what is shown anyway", () => {
    const piece = fc.constantFrom(
      "13812345678",
      "a.b@c.cn",
      "***",
      "好",
      " ",
      "，",
      "622202123456789",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join("");
        const shown = maskNumbers(text);
        for (let at = -1; at <= text.length; at += 1) {
          const found = starredAt(text, shown, at);
          if (shown[at] !== "*") expect(found).toBeUndefined();
          else if (found !== undefined) expect(text).toContain(found);
        }
      }),
    );
  });
});

forEachDatabase("seeing a starred field", (open) => {
  let world: ReadingWorld;
  let manager: Browser;
  let readingId: string;
  let seq: number;

  beforeEach(async () => {
    world = await startReadingWorld(open);
    world.jobs.start();
    const atMs = world.time.nowMs - MINUTE_MS;
    [seq = 0] = await world.archive([{ from: "wmA", to: "ChenLi", text: SAID, atMs }]);
    manager = await world.signedIn("zhangwei");
    readingId = (await startReading(manager, A)).id;
  });
  afterEach(async () => {
    await world.jobs.stop();
    await world.stop();
  });

  const unmask = (target: object, more: object = {}, browser = manager) =>
    browser.post("/api/manager/unmaskings", { target, reason: REASON, ...more });
  const inMessage = (at: number) => ({ kind: "message", readingId, seq, at });
  const rows = async (): Promise<number> =>
    (await world.database.read.query<object[]>("SELECT id FROM reading WHERE kind = 'unmask'"))
      .length;

  it("shows that one and no other, for a minute, and lets nothing be cached", async () => {
    const page = (await manager.get(`/api/manager/readings/${readingId}/messages`))
      .body as MessagePage;
    const shown = page.messages[0]!.text;
    expect(shown).toBe("电话138****5678，卡622************0123，***");
    const answer = await unmask(inMessage(shown.indexOf("*")));
    expect(answer.status).toBe(201);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.body).toEqual({
      text: "1234",
      hidesAtMs: world.time.nowMs + MINUTE_MS,
    } satisfies UnmaskView);
    const name = await unmask({ kind: "customer", readingId });
    expect((name.body as UnmaskView).text).toBe("王总");
    expect(await rows()).toBe(2);
  });

  it("is told to the managers of whose chat it is, and to the member", async () => {
    await unmask({ kind: "customer", readingId });
    await world.jobs.idle();
    // 张伟 is 陈丽's manager himself, so it goes to who stands above.
    expect(world.cards).toMatchObject([
      {
        title: "张伟查看了一处隐藏的信息",
        description: expect.stringMatching(/^在陈丽的聊天里/) as string,
      },
    ]);
    expect(JSON.stringify(world.cards)).not.toContain(REASON);
    expect(world.cards[0]!.toMemberIds).not.toContain("zhangwei");
    expect(world.cards[0]!.toMemberIds.length).toBeGreaterThan(0);
    const own = (await (await world.signedIn("chenli")).get("/api/session/readings"))
      .body as OwnReadings;
    expect(own.readings[0]).toMatchObject({ kind: "unmask", readerName: "张伟", purpose: REASON });
    const [entry] = await world.database.read.query<{ details: string; actor_id: string }[]>(
      "SELECT actor_id, details FROM ledger_entry WHERE kind = 'field.unmasked'",
    );
    expect(entry).toMatchObject({ actor_id: "zhangwei" });
    expect(entry!.details).not.toContain("王总");
    expect(world.lines.join("")).not.toMatch(/王总|13812345678/);
  });

  it("is the same for a number in the record of one's own customer", async () => {
    const noted = { remark_mobiles: ["13912345678"] };
    world.company.customers.set("wmM", customer("wmM", [["ChenLi", noted]]));
    const sales = await world.signedIn("chenli");
    const ask = (customerId: string, index = 0, browser = sales) =>
      browser.post("/api/sidebar/unmaskings", { customerId, index, reason: REASON });
    const answer = await ask("wmM");
    expect(answer.status).toBe(201);
    expect((answer.body as UnmaskView).text).toBe("13912345678");
    expect((await ask("wmM", 7)).status).toBe(404);
    expect((await ask("wmB")).status).toBe(404);
    await world.jobs.idle();
    expect(world.cards).toMatchObject([{ toMemberIds: ["zhangwei"] }]);
    world.time.nowMs += 6 * MINUTE_MS;
    expect((await ask("wmM")).body).toMatchObject({ code: "step_up_needed" });
  });

  it("asks for a reason and a sign-in of the last five minutes", async () => {
    expect((await unmask(inMessage(6), { reason: "看" })).status).toBe(400);
    world.time.nowMs += 6 * MINUTE_MS;
    expect((await unmask(inMessage(6))).body).toMatchObject({ code: "step_up_needed" });
    await signIn(world.company, manager, "zhangwei");
    expect((await unmask(inMessage(6))).status).toBe(201);
  });

  it("is refused where nothing is hidden, in others' readings, and to who may not", async () => {
    for (const at of [0, SAID.length - 1, 999])
      expect((await unmask(inMessage(at))).status).toBe(404);
    expect((await unmask({ ...inMessage(6), seq: seq + 1 })).status).toBe(404);
    expect((await unmask({ kind: "message", readingId, seq })).status).toBe(400);
    expect((await unmask([inMessage(6), inMessage(20)])).status).toBe(400);
    const director = await world.signedIn("zhoumin");
    expect((await unmask(inMessage(6), {}, director)).status).toBe(404);
    expect((await unmask(inMessage(6), {}, await world.signedIn("chenli"))).status).toBe(403);
    expect(await rows()).toBe(0);
    world.time.nowMs += 31 * MINUTE_MS;
    await signIn(world.company, manager, "zhangwei");
    expect((await unmask(inMessage(6))).status).toBe(404);
  });
});

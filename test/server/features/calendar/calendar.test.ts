import type { CalendarView } from "#shared/contract/calendar";
import { defaultPlan } from "#shared/working-calendar";
import { forEachDatabase } from "../../../support/test-database.ts";
import { startCaseWorld } from "../cases/case-world.ts";
import type { CaseWorld } from "../cases/case-world.ts";
import type { Browser } from "../sign-in/people-world.ts";

const path = "/api/admin/calendar";

forEachDatabase("the working calendar", (open) => {
  let world: CaseWorld;
  let admin: Browser;
  beforeEach(async () => {
    world = await startCaseWorld(open);
    admin = await world.people.signedIn("liuyang");
  });
  afterEach(() => world.people.stop());

  const view = async (): Promise<CalendarView> =>
    (await admin.get(path).expect(200)).body as CalendarView;
  const put = (by: Browser, body: object) => by.put(path, body);
  /** The whole day, every day. */
  const always = {
    ...defaultPlan,
    hours: { fromMinute: 0, toMinute: 1440 },
    weekdays: [0, 1, 2, 3, 4, 5, 6],
    years: {},
  };
  const never = { ...always, hours: { fromMinute: 0, toMinute: 1 } };

  it("begins as the product knows it and is kept in versions, with who changed it", async () => {
    expect(await view()).toMatchObject({
      version: 0,
      plan: { weekdays: [1, 2, 3, 4, 5] },
      history: [],
    });
    const changed = (await put(admin, { version: 0, plan: always }).expect(200))
      .body as CalendarView;
    expect(changed).toMatchObject({ version: 1, plan: always, history: [{ changedBy: "刘洋" }] });
    expect(await view()).toEqual(changed);
    const [entry] = await world.people.database.read.query<{ actor_id: string }[]>(
      "SELECT actor_id, object_id FROM ledger_entry WHERE kind = 'calendar.changed'",
    );
    expect(entry).toMatchObject({ actor_id: "liuyang", object_id: "calendar@1" });
  });

  it("works on the next message", async () => {
    await world.publish({
      condition: {
        kind: "all",
        of: [
          { kind: "words", words: null },
          { kind: "time", isWorkingTime: false },
        ],
      },
    });
    const cases = async () => (await world.cases.list("zhangwei", { state: "open" })).openCount;
    await put(admin, { version: 0, plan: always }).expect(200);
    await world.archive([{ seq: 1, text: "保本", at: 120 }]);
    expect(await cases()).toBe(0);
    const minute = (Math.floor(world.people.time.nowMs / 60_000) + 8 * 60) % 1440;
    const hours = { fromMinute: (minute + 600) % 1440, toMinute: (minute + 601) % 1440 };
    await put(admin, { version: 1, plan: { ...never, hours } }).expect(200);
    await world.archive([{ seq: 2, text: "保本", at: 120 }]);
    expect(await cases()).toBe(1);
  });

  it("is changed by one of two, and the other is told", async () => {
    const both = await Promise.all([always, never].map((plan) => put(admin, { version: 0, plan })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await view()).version).toBe(1);
  });

  it("says which year nobody has written down, and in December that of the next", async () => {
    const { time } = world.people;
    const asOf = async (day: string) => {
      const before = time.nowMs;
      time.nowMs = Date.parse(`${day}T12:00:00+08:00`);
      admin = await world.people.signedIn("liuyang");
      const { missingYears } = await view();
      time.nowMs = before;
      return missingYears;
    };
    expect(await asOf("2026-11-23")).toEqual([]);
    expect(await asOf("2026-12-05")).toEqual([2027]);
    expect(await asOf("2027-06-01")).toEqual([2027]);
  });

  it.each<[string, object]>([
    ["a day that there is not", { years: { 2027: { off: ["2027-02-30"], on: [] } } }],
    ["a day of another year", { years: { 2027: { off: ["2026-01-01"], on: [] } } }],
    ["a day both off and on", { years: { 2027: { off: ["2027-01-01"], on: ["2027-01-01"] } } }],
    ["no day of the week", { weekdays: [] }],
    ["the same day twice", { weekdays: [1, 1] }],
    ["no hours", { hours: { fromMinute: 60, toMinute: 60 } }],
    ["an hour that there is not", { hours: { fromMinute: 0, toMinute: 1441 } }],
    ["a year out of time", { years: { 1999: { off: [], on: [] } } }],
  ])("takes no %s", async (_what, over) => {
    await put(admin, { version: 0, plan: { ...defaultPlan, ...over } }).expect(400);
    expect((await view()).version).toBe(0);
  });

  it("is nobody's who may not write rules", async () => {
    const salesperson = await world.people.signedIn("ChenLi");
    await salesperson.get(path).expect(403);
    await put(salesperson, { version: 0, plan: always }).expect(403);
  });
});

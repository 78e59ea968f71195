import fc from "fast-check";
import { defaultPlan, isWorkingTime, noticedYears, openCalendar } from "#shared/working-calendar";
import { calendarPlan } from "#shared/contract/calendar";

const at = (time: string): number => Date.parse(`${time}+08:00`);

describe("the working calendar", () => {
  it("may run over midnight, which belongs to the day on which work began", () => {
    const hours = { fromMinute: 22 * 60, toMinute: 6 * 60 };
    const night = openCalendar({ ...defaultPlan, hours });
    // A Monday; before its work began it is still Sunday's night, on which nobody works.
    const times = ["2026-11-23T05:59", "2026-11-23T21:59", "2026-11-23T22:00", "2026-11-24T05:59"];
    const asked = [...times, "2026-11-24T06:00", "2026-11-28T05:59", "2026-11-28T22:00"];
    expect(asked.map((time) => isWorkingTime(at(time), night))).toEqual([
      false,
      false,
      true,
      true,
      false,
      true,
      false,
    ]);
  });

  it.each([
    ["a Saturday", "2026-11-28", false],
    ["a Saturday worked instead", "2026-10-10", true],
    ["a holiday", "2026-10-01", false],
    ["the last day of the spring festival", "2026-02-23", false],
    ["a day of a year that nobody has written down", "2031-10-01", true],
  ])("knows %s", (_what, day, isWorking) => {
    expect(isWorkingTime(at(`${day}T10:00`), openCalendar(defaultPlan))).toBe(isWorking);
  });

  it("of a company may have other days of the week", () => {
    const sixDays = openCalendar({ ...defaultPlan, weekdays: [1, 2, 3, 4, 5, 6] });
    expect(isWorkingTime(at("2026-11-28T10:00"), sixDays)).toBe(true);
    expect(isWorkingTime(at("2026-11-29T10:00"), sixDays)).toBe(false);
  });

  it("comes with years that the console would take as they are", () => {
    expect(calendarPlan.safeParse(defaultPlan).success).toBe(true);
    expect(Object.keys(noticedYears)).toEqual(["2024", "2025", "2026"]);
  });

  it("says of every minute of a day the same as its hours", () => {
    const minute = fc.integer({ min: 0, max: 1439 });
    fc.assert(
      fc.property(minute, minute, minute, (fromMinute, toMinute, now) => {
        fc.pre(fromMinute < toMinute);
        const calendar = openCalendar({ ...defaultPlan, hours: { fromMinute, toMinute } });
        const isIn = now >= fromMinute && now < toMinute;
        expect(isWorkingTime(at("2026-11-23T00:00") + now * 60_000, calendar)).toBe(isIn);
      }),
    );
  });
});

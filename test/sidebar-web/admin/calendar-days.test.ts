import fc from "fast-check";
import { isWorkingTime, noticedYears, openCalendar } from "#shared/working-calendar";
import {
  countOwn,
  monthsOf,
  readMinute,
  sayMinute,
  toggleDay,
} from "../../../sidebar-web/src/admin/calendar/calendar-days.ts";

const weekdays = [1, 2, 3, 4, 5];
const plan = noticedYears["2026"]!;

test("a year as the notice has it", () => {
  const months = monthsOf(2026, plan, weekdays);
  expect(months.map(({ days }) => days.length).reduce((a, b) => a + b)).toBe(365);
  const october = months[9]!;
  // The 1st is a Thursday.
  expect(october.lead).toBe(3);
  expect(october.days[0]).toMatchObject({ day: "2026-10-01", isWorking: false, isOwn: true });
  expect(october.days[9]).toMatchObject({ day: "2026-10-10", isWorking: true, isOwn: true });
  // Weekend days off in a holiday need not be said.
  expect(countOwn(months)).toEqual({ off: 19, on: 6 });
});

test("what is shown is what rules are told, whatever was clicked", () => {
  const clicks = fc.array(fc.integer({ min: 0, max: 364 }), { maxLength: 20 });
  const week = fc.subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1 });
  fc.assert(
    fc.property(clicks, week, (clicked, days) => {
      let year: { off: readonly string[]; on: readonly string[] } = plan;
      const cells = () => monthsOf(2026, year, days).flatMap((month) => month.days);
      for (const index of clicked) {
        const before = cells()[index]!;
        year = toggleDay(year, before, days);
        expect(cells()[index]!.isWorking).toBe(!before.isWorking);
      }
      const hours = { fromMinute: 0, toMinute: 1440 };
      const calendar = openCalendar({ hours, weekdays: days, years: { 2026: year } });
      for (const { day, isWorking } of cells())
        expect(isWorkingTime(Date.parse(`${day}T12:00:00+08:00`), calendar)).toBe(isWorking);
      expect(year.off.filter((day) => year.on.includes(day))).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

test("times of day", () => {
  expect([0, 570, 1110].map(sayMinute)).toEqual(["00:00", "09:30", "18:30"]);
  expect(["00:00", "09:30", "24:00", "24:01", "9:30", "", "10:60"].map(readMinute)).toEqual([
    0,
    570,
    1440,
    null,
    null,
    null,
    null,
  ]);
});

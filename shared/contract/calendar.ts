import { z } from "zod";

/** The company's working calendar (工作日历); see shared/working-calendar.ts. */

const minute = z.number().int().min(0).max(1440);
const mostYears = 30;

function isDayOf(year: string, day: string): boolean {
  if (!day.startsWith(`${year}-`)) return false;
  const atMs = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(day);
}

const days = z.array(z.string().regex(/^\d{4}-\d{2}-\d{2}$/u, "日期要写成 2027-01-01")).max(366);
const yearPlan = z.strictObject({ off: days, on: days });

export const calendarPlan = z.strictObject({
  hours: z
    .strictObject({ fromMinute: minute, toMinute: minute })
    .refine(({ fromMinute, toMinute }) => fromMinute !== toMinute, "上班和下班时间不能相同"),
  weekdays: z
    .array(z.number().int().min(0).max(6))
    .min(1, "至少选一个工作日")
    .refine((list) => new Set(list).size === list.length, "工作日重复了"),
  years: z
    .record(z.string().regex(/^20\d{2}$/u, "年份要在 2000 到 2099 之间"), yearPlan)
    .refine((years) => Object.keys(years).length <= mostYears, `最多 ${mostYears} 个年份`)
    .refine(
      (years) =>
        Object.entries(years).every(([year, { off, on }]) => {
          const all = [...off, ...on];
          return new Set(all).size === all.length && all.every((day) => isDayOf(year, day));
        }),
      "有的日期不存在、不属于这一年，或者既写成休息又写成上班",
    ),
});

/** GET /api/admin/calendar : version 0 is what the product comes with. */
export const calendarView = z.object({
  version: z.number().int(),
  plan: calendarPlan,
  /** The years that should be known by now, and are not. */
  missingYears: z.array(z.number().int()),
  /** Newest first. */
  history: z.array(
    z.object({ version: z.number().int(), changedBy: z.string(), changedAtMs: z.number() }),
  ),
});
export type CalendarView = z.infer<typeof calendarView>;

/** PUT /api/admin/calendar → CalendarView : in force with the next message; `version` is the one that was edited. */
export const calendarChange = z.strictObject({
  version: z.number().int().min(0),
  plan: calendarPlan,
});
export type CalendarChange = z.infer<typeof calendarChange>;

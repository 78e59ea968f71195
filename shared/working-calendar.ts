/**
 * Which hours are working hours: the company's hours on its working days. A working day is one of the week's but for
 * holidays, and the days on which people work instead. The company keeps its calendar in the console; what stands here
 * are the notices of the State Council, to begin with. Asia/Shanghai. Pure.
 */

/** Minutes since midnight; `toMinute` itself is after work. Hours that end after midnight count, too. */
export interface WorkingHours {
  fromMinute: number;
  toMinute: number;
}

/** A year's days that are not as the day of the week says, `2026-05-09`. */
export interface YearPlan {
  off: readonly string[];
  on: readonly string[];
}

/** As the company writes it down. */
export interface CalendarPlan {
  hours: WorkingHours;
  /** Days of the week on which people work; 0 is Sunday. */
  weekdays: readonly number[];
  /** Years whose holidays are known. */
  years: Readonly<Record<string, YearPlan>>;
}

/** The same, to be asked. */
export interface WorkingCalendar {
  hours: WorkingHours;
  weekdays: ReadonlySet<number>;
  /** Whether people work on that day, where it is not as the day of the week says. */
  days: ReadonlyMap<string, boolean>;
}

interface HolidayNotice {
  /** First and last day off, `MM-DD`. */
  off: readonly (readonly [string, string])[];
  /** Weekend days on which people work instead. */
  on: readonly string[];
}

/**
 * 国务院办公厅关于部分节假日安排的通知: 国办发明电〔2023〕7号, 国办发明电〔2024〕12号, 国办发明电〔2025〕7号 (gov.cn). The
 * notice of the next year comes in November; until a release has it, people write it down in the console.
 */
const notices: Readonly<Record<number, HolidayNotice>> = {
  2024: {
    off: [
      ["01-01", "01-01"],
      ["02-10", "02-17"],
      ["04-04", "04-06"],
      ["05-01", "05-05"],
      ["06-10", "06-10"],
      ["09-15", "09-17"],
      ["10-01", "10-07"],
    ],
    on: ["02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"],
  },
  2025: {
    off: [
      ["01-01", "01-01"],
      ["01-28", "02-04"],
      ["04-04", "04-06"],
      ["05-01", "05-05"],
      ["05-31", "06-02"],
      ["10-01", "10-08"],
    ],
    on: ["01-26", "02-08", "04-27", "09-28", "10-11"],
  },
  2026: {
    off: [
      ["01-01", "01-03"],
      ["02-15", "02-23"],
      ["04-04", "04-06"],
      ["05-01", "05-05"],
      ["06-19", "06-21"],
      ["09-25", "09-27"],
      ["10-01", "10-07"],
    ],
    on: ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
  },
};

const DAY_MS = 24 * 3600_000;
const MINUTE_MS = 60_000;
/** Asia/Shanghai has had no summer time since 1991. */
const AHEAD_MS = 8 * 3600_000;

function dayName(shanghaiMs: number): string {
  return new Date(shanghaiMs).toISOString().slice(0, 10);
}

/** The years whose notice is known, as plans. */
export const noticedYears: Readonly<Record<string, YearPlan>> = Object.fromEntries(
  Object.entries(notices).map(([year, { off, on }]) => [
    year,
    {
      off: off.flatMap(([first, last]) => daysBetween(`${year}-${first}`, `${year}-${last}`)),
      on: on.map((day) => `${year}-${day}`),
    },
  ]),
);

/** What holds until the company has written down its own. */
export const defaultPlan: CalendarPlan = {
  hours: { fromMinute: 9 * 60, toMinute: 18 * 60 + 30 },
  weekdays: [1, 2, 3, 4, 5],
  years: noticedYears,
};

export function daysBetween(first: string, last: string): string[] {
  const days: string[] = [];
  for (let at = Date.parse(first); at <= Date.parse(last); at += DAY_MS) days.push(dayName(at));
  return days;
}

/** In Shanghai. */
export function yearAt(atMs: number): number {
  return new Date(atMs + AHEAD_MS).getUTCFullYear();
}

export function openCalendar({ hours, weekdays, years }: CalendarPlan): WorkingCalendar {
  const days = new Map<string, boolean>();
  for (const { off, on } of Object.values(years)) {
    for (const day of off) days.set(day, false);
    for (const day of on) days.set(day, true);
  }
  return { hours, weekdays: new Set(weekdays), days };
}

export function isWorkingTime(atMs: number, { hours, weekdays, days }: WorkingCalendar): boolean {
  const { fromMinute, toMinute } = hours;
  const shanghaiMs = atMs + AHEAD_MS;
  const minute = Math.floor((shanghaiMs % DAY_MS) / MINUTE_MS);
  const isOvernight = fromMinute > toMinute;
  if (isOvernight ? minute < fromMinute && minute >= toMinute : minute < fromMinute) return false;
  if (!isOvernight && minute >= toMinute) return false;
  // What is worked after midnight belongs to the day on which it began.
  const dayMs = isOvernight && minute < toMinute ? shanghaiMs - DAY_MS : shanghaiMs;
  return isWorkingDay(dayMs, { weekdays, days });
}

/** The end of the `count`-th working day after the day of `atMs`. */
export function dayAfterWorkingDays(
  atMs: number,
  count: number,
  calendar: Pick<WorkingCalendar, "weekdays" | "days">,
): number {
  let dayMs = Math.floor((atMs + AHEAD_MS) / DAY_MS) * DAY_MS;
  for (let left = count; left > 0;) {
    dayMs += DAY_MS;
    if (isWorkingDay(dayMs, calendar)) left -= 1;
  }
  return dayMs + DAY_MS - AHEAD_MS;
}

function isWorkingDay(
  shanghaiMs: number,
  { weekdays, days }: Pick<WorkingCalendar, "weekdays" | "days">,
): boolean {
  return days.get(dayName(shanghaiMs)) ?? weekdays.has(new Date(shanghaiMs).getUTCDay());
}

/**
 * Which hours are working hours: the company's hours on working days. A working day is Monday to Friday but for
 * public holidays, and the weekend days on which people work instead. Asia/Shanghai. Pure.
 */

/** Minutes since midnight; `toMinute` itself is after work. Hours that end after midnight count, too. */
export interface WorkingHours {
  fromMinute: number;
  toMinute: number;
}

export interface WorkingCalendar {
  hours: WorkingHours;
  /** `2026-05-09` → whether people work on that day, where it is not as the day of the week says. */
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
 * notice of the next year comes in November; until a release has it, the setting WORKING_DAYS takes it.
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

/** The years whose notice is known. */
export const knownYears: readonly number[] = Object.keys(notices).map(Number);

/** The days of the notices, over which `own` win. */
export function workingDays(own: ReadonlyMap<string, boolean>): Map<string, boolean> {
  const days = new Map<string, boolean>();
  for (const [year, { off, on }] of Object.entries(notices)) {
    for (const [first, last] of off) {
      const end = Date.parse(`${year}-${last}`);
      for (let at = Date.parse(`${year}-${first}`); at <= end; at += DAY_MS)
        days.set(dayName(at), false);
    }
    for (const day of on) days.set(`${year}-${day}`, true);
  }
  for (const [day, isWorking] of own) days.set(day, isWorking);
  return days;
}

export function isWorkingTime(atMs: number, { hours, days }: WorkingCalendar): boolean {
  const { fromMinute, toMinute } = hours;
  const shanghaiMs = atMs + AHEAD_MS;
  const minute = Math.floor((shanghaiMs % DAY_MS) / MINUTE_MS);
  const isOvernight = fromMinute > toMinute;
  if (isOvernight ? minute < fromMinute && minute >= toMinute : minute < fromMinute) return false;
  if (!isOvernight && minute >= toMinute) return false;
  // What is worked after midnight belongs to the day on which it began.
  const dayMs = isOvernight && minute < toMinute ? shanghaiMs - DAY_MS : shanghaiMs;
  return isWorkingDay(dayMs, days);
}

/** The end of the `count`-th working day after the day of `atMs`. */
export function dayAfterWorkingDays(
  atMs: number,
  count: number,
  days: WorkingCalendar["days"],
): number {
  let dayMs = Math.floor((atMs + AHEAD_MS) / DAY_MS) * DAY_MS;
  for (let left = count; left > 0;) {
    dayMs += DAY_MS;
    if (isWorkingDay(dayMs, days)) left -= 1;
  }
  return dayMs + DAY_MS - AHEAD_MS;
}

function isWorkingDay(shanghaiMs: number, days: WorkingCalendar["days"]): boolean {
  const weekday = new Date(shanghaiMs).getUTCDay();
  return days.get(dayName(shanghaiMs)) ?? (weekday >= 1 && weekday <= 5);
}

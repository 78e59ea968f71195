/** A year as it is shown and clicked. Pure. */
import type { YearPlan } from "#shared/working-calendar";

export interface DayCell {
  /** `2026-10-01` */
  day: string;
  /** Of the month. */
  number: number;
  isWorking: boolean;
  /** Not as the day of the week says. */
  isOwn: boolean;
}

export interface MonthCells {
  month: number;
  /** Empty cells before the first day; weeks begin on Monday. */
  lead: number;
  days: DayCell[];
}

function weekdayOf(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay();
}

export function monthsOf(
  year: number,
  { off, on }: YearPlan,
  weekdays: readonly number[],
): MonthCells[] {
  const [offSet, onSet] = [new Set(off), new Set(on)];
  return Array.from({ length: 12 }, (_, index) => {
    const length = new Date(Date.UTC(year, index + 1, 0)).getUTCDate();
    const days = Array.from({ length }, (_day, at): DayCell => {
      const day = new Date(Date.UTC(year, index, at + 1)).toISOString().slice(0, 10);
      const usual = weekdays.includes(weekdayOf(day));
      const isWorking = onSet.has(day) || (usual && !offSet.has(day));
      return { day, number: at + 1, isWorking, isOwn: isWorking !== usual };
    });
    const lead = (weekdayOf(days[0]?.day ?? "") + 6) % 7;
    return { month: index + 1, lead, days };
  });
}

/** The day the other way round; what is as the day of the week says is not written down. */
export function toggleDay(plan: YearPlan, cell: DayCell, weekdays: readonly number[]): YearPlan {
  const { day, isWorking } = cell;
  const others = (list: readonly string[]): string[] => list.filter((one) => one !== day);
  const usual = weekdays.includes(weekdayOf(day));
  const next = !isWorking;
  return {
    off: next === usual || next ? others(plan.off) : [...others(plan.off), day].sort(),
    on: next === usual || !next ? others(plan.on) : [...others(plan.on), day].sort(),
  };
}

/** Only what differs from the days of the week counts. */
export function countOwn(months: readonly MonthCells[]): { off: number; on: number } {
  const own = months.flatMap(({ days }) => days.filter(({ isOwn }) => isOwn));
  const on = own.filter(({ isWorking }) => isWorking).length;
  return { off: own.length - on, on };
}

/** "09:30" ↔ minutes since midnight; the end of the day is 24:00. */
export function sayMinute(minute: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

export function readMinute(text: string): number | null {
  const [, hours = "", minutes = ""] = /^(\d{2}):(\d{2})$/.exec(text) ?? [];
  const minute = Number(hours) * 60 + Number(minutes);
  return hours === "" || Number(minutes) > 59 || minute > 1440 ? null : minute;
}

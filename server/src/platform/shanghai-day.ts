const DAY_MS = 24 * 3600_000;
/** Shanghai has had one offset and no summer time since 1991. */
const OFFSET_MS = 8 * 3600_000;

/** The day in Asia/Shanghai, counted from 1970-01-01 as 0. Migrations compute the same in SQL. */
export function shanghaiDay(atMs: number): number {
  return Math.floor((atMs + OFFSET_MS) / DAY_MS);
}

/** The first millisecond of the day. */
export function startOfShanghaiDay(day: number): number {
  return day * DAY_MS - OFFSET_MS;
}

/** "2026-11-23" */
export function formatShanghaiDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Of `formatShanghaiDay`'s form; NaN for a date that does not exist. */
export function parseShanghaiDay(text: string): number {
  const day = Date.parse(`${text}T00:00:00Z`) / DAY_MS;
  // "2026-02-30" would be read as the second of March.
  return Number.isNaN(day) || formatShanghaiDay(day) !== text ? Number.NaN : day;
}

/** "2026-11-23 02:10:00", Asia/Shanghai. */
export function formatShanghaiTime(atMs: number): string {
  const shanghai = new Date(atMs + OFFSET_MS).toISOString();
  return `${shanghai.slice(0, 10)} ${shanghai.slice(11, 19)}`;
}

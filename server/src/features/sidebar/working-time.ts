/** Minutes since midnight, Asia/Shanghai; `toMinute` itself is after work. */
export interface WorkingHours {
  fromMinute: number;
  toMinute: number;
}

const MINUTE_MS = 60_000;
/** Asia/Shanghai has had no summer time since 1991. */
const SHANGHAI_AHEAD_MINUTES = 8 * 60;
const DAY_MINUTES = 24 * 60;

/** Hours that end after midnight (22:00-06:00) count, too. The setting knows no weekends, so neither does this. */
export function isWorkingTime(atMs: number, { fromMinute, toMinute }: WorkingHours): boolean {
  const minute = (Math.floor(atMs / MINUTE_MS) + SHANGHAI_AHEAD_MINUTES) % DAY_MINUTES;
  return fromMinute <= toMinute
    ? minute >= fromMinute && minute < toMinute
    : minute >= fromMinute || minute < toMinute;
}

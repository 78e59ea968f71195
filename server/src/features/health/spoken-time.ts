const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A span of time as one says it: 「3 分钟」. */
export function sayDuration(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(0, Math.round(ms / 1000))} 秒`;
  if (ms < HOUR_MS) return `${Math.round(ms / MINUTE_MS)} 分钟`;
  if (ms < 2 * DAY_MS) return `${Math.round(ms / HOUR_MS)} 小时`;
  return `${Math.round(ms / DAY_MS)} 天`;
}

/** 「3 分钟前」; a clock that is a little ahead does not make it the future. */
export function sayAgo(atMs: number, nowMs: number): string {
  const ms = nowMs - atMs;
  return ms < 1000 ? "刚刚" : `${sayDuration(ms)}前`;
}

const DAY_MS = 24 * 3600_000;
/** Asia/Shanghai has had no summer time since 1991. */
const AHEAD_MS = 8 * 3600_000;

/** The first and the last of so many days, today among them, as `2026-11-23`. */
export function lastDays(count: number, nowMs: number): [string, string] {
  const name = (atMs: number): string => new Date(atMs + AHEAD_MS).toISOString().slice(0, 10);
  return [name(nowMs - (count - 1) * DAY_MS), name(nowMs)];
}

import { shanghaiDay, startOfShanghaiDay } from "../../platform/shanghai-day.ts";

/** Ten past two in the morning, Asia/Shanghai. */
export const NIGHTLY = "0 10 2 * * *";
const AT_MS = (2 * 60 + 10) * 60_000;
/** What is not done by then is the next night's. */
export const WINDOW_MS = 3 * 3600_000;

export function nextRunAfter(nowMs: number): number {
  const today = shanghaiDay(nowMs);
  const thisNight = startOfShanghaiDay(today) + AT_MS;
  return nowMs < thisNight ? thisNight : startOfShanghaiDay(today + 1) + AT_MS;
}

import { messages } from "./messages.ts";

/** The company works by China's clock, wherever the browser stands. */
const TIME_ZONE = "Asia/Shanghai";
const DAY_MS = 86_400_000;
const ZONE_OFFSET_MS = 8 * 3_600_000;
/** A pause of this length gets a time of its own in the chat. */
const PAUSE_MS = 5 * 60_000;

const clock = new Intl.DateTimeFormat("zh-CN", {
  timeZone: TIME_ZONE,
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** 「14:03」, 「昨天」, 「星期二」, 「11/3」 or 「2025/11/3」, as in a list of conversations. */
export function formatListTime(atMs: number, nowMs: number): string {
  const daysAgo = dayNumber(nowMs) - dayNumber(atMs);
  return daysAgo <= 0 ? clock.format(atMs) : dayName(atMs, nowMs, daysAgo);
}

/** As above, always with the time of day: 「昨天 14:03」. */
export function formatChatTime(atMs: number, nowMs: number): string {
  const daysAgo = dayNumber(nowMs) - dayNumber(atMs);
  const time = clock.format(atMs);
  return daysAgo <= 0 ? time : `${dayName(atMs, nowMs, daysAgo)} ${time}`;
}

/** Date and time to the second, for a tooltip. */
export function formatFullTime(atMs: number): string {
  return new Date(atMs).toLocaleString("zh-CN", { timeZone: TIME_ZONE, hourCycle: "h23" });
}

export function formatClock(atMs: number): string {
  return clock.format(atMs);
}

/** Whether a message gets a time above it: the first one and each after a pause. */
export function startsNewMoment(atMs: number, previousAtMs: number | undefined): boolean {
  return previousAtMs === undefined || atMs - previousAtMs >= PAUSE_MS;
}

function dayName(atMs: number, nowMs: number, daysAgo: number): string {
  const day = new Date(atMs + ZONE_OFFSET_MS);
  if (daysAgo === 1) return messages.common.yesterday;
  if (daysAgo < 7) return messages.common.weekdays[day.getUTCDay()] ?? "";
  const date = `${day.getUTCMonth() + 1}/${day.getUTCDate()}`;
  const isThisYear = day.getUTCFullYear() === new Date(nowMs + ZONE_OFFSET_MS).getUTCFullYear();
  return isThisYear ? date : `${day.getUTCFullYear()}/${date}`;
}

function dayNumber(atMs: number): number {
  return Math.floor((atMs + ZONE_OFFSET_MS) / DAY_MS);
}

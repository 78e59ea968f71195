/** Times for people, in Asia/Shanghai whatever the device says: messages are judged by the company's clock. */
import { commonText } from "./common-messages.ts";

const zone = "Asia/Shanghai";
const dayMs = 24 * 60 * 60 * 1000;

const parts = new Intl.DateTimeFormat("zh-CN", {
  timeZone: zone,
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

function read(atMs: number): Record<string, string> {
  return Object.fromEntries(parts.formatToParts(atMs).map(({ type, value }) => [type, value]));
}

/** "2026年3月8日" */
export function formatDate(atMs: number): string {
  const { year = "", month = "", day = "" } = read(atMs);
  return `${year}年${month}月${day}日`;
}

/** "14:03:09" */
export function formatClock(atMs: number): string {
  const { hour = "", minute = "", second = "" } = read(atMs);
  return `${hour}:${minute}:${second}`;
}

/** "今天 14:03", "昨天 09:10", "3月8日 14:03", "2025年3月8日 14:03": as short as it stays clear at `nowMs`. */
export function formatMoment(atMs: number, nowMs: number): string {
  const date = formatDate(atMs);
  const clock = formatClock(atMs).slice(0, 5);
  if (date === formatDate(nowMs)) return `${commonText.today} ${clock}`;
  if (date === formatDate(nowMs - dayMs)) return `${commonText.yesterday} ${clock}`;
  const thisYear = formatDate(nowMs).slice(0, 5);
  return `${date.startsWith(thisYear) ? date.slice(5) : date} ${clock}`;
}

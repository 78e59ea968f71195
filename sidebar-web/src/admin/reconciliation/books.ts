/** What the page says of a day's or a conversation's books. */
import type { ReconciledDay } from "#shared/contract/reconciliation";
import { text } from "./messages.ts";

type Books = Pick<
  ReconciledDay,
  | "pulled"
  | "stored"
  | "duplicated"
  | "undecodable"
  | "excluded"
  | "expired"
  | "storedFound"
  | "undecodableFound"
  | "excludedFound"
  | "holds"
>;

const dayMs = 24 * 3600_000;
const hourMs = 3600_000;

/** Why it does not hold, a sentence each; empty when it does. */
export function explainBooks(books: Books): string[] {
  if (books.holds) return [];
  const { pulled, stored, duplicated, undecodable, excluded, expired } = books;
  const sum = stored + duplicated + undecodable + excluded + expired;
  const reasons = sum === pulled ? [] : [text.days.sum(sum, pulled)];
  const pairs = [
    [text.days.stored, stored, books.storedFound],
    [text.days.undecodable, undecodable, books.undecodableFound],
    [text.days.excluded, excluded, books.excludedFound],
  ] as const;
  for (const [what, booked, found] of pairs) {
    if (booked !== found) reasons.push(text.days.found(what, booked, found));
  }
  return reasons.length > 0 ? reasons : [text.days.inPlaces];
}

/** The first day of so many that end today, as the server writes days. */
export function firstOfDays(count: number, nowMs: number): string {
  return shanghaiDate(nowMs - (count - 1) * dayMs);
}

/** "11月23日", and whether that is today or yesterday. */
export function nameDay(day: string, nowMs: number): string {
  const [, month = "", date = ""] = day.split("-");
  const name = `${Number(month)}月${Number(date)}日`;
  if (day === shanghaiDate(nowMs)) return `${text.days.today} ${name}`;
  return day === shanghaiDate(nowMs - dayMs) ? `${text.days.yesterday} ${name}` : name;
}

function shanghaiDate(atMs: number): string {
  return new Date(atMs + 8 * hourMs).toISOString().slice(0, 10);
}

/** "4 天 21 小时", "3 小时 5 分钟", "12 秒": two units at most, rounded down. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const units = [
    [Math.floor(seconds / 86_400), "天"],
    [Math.floor(seconds / 3600) % 24, "小时"],
    [Math.floor(seconds / 60) % 60, "分钟"],
    [seconds % 60, "秒"],
  ] as const;
  const first = units.findIndex(([count]) => count > 0);
  if (first === -1) return "0 秒";
  return units
    .slice(first, first + 2)
    .filter(([count, unit], index) => index === 0 || (count > 0 && unit !== "秒"))
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

export function formatCount(count: number): string {
  return count.toLocaleString("zh-CN");
}

import type { ExtensionView } from "#shared/contract/reading-extension";
import { AppError } from "../../platform/http/app-error.ts";
import {
  formatShanghaiDay,
  parseShanghaiDay,
  shanghaiDay,
  startOfShanghaiDay,
} from "../../platform/shanghai-day.ts";

interface Range {
  fromMs: number;
  /** Not included. */
  toMs: number;
}

/** The last millisecond that a date can name: no end. */
const FOREVER_MS = 8.64e15;

/** Days of Asia/Shanghai as times; without them all messages. */
export function rangeOf(fromDay?: string, toDay?: string): Range {
  const from = fromDay === undefined ? null : parseShanghaiDay(fromDay);
  const to = toDay === undefined ? null : parseShanghaiDay(toDay);
  if (Number.isNaN(from)) throw new AppError("invalid_request", { fromDay: "没有这一天" });
  if (Number.isNaN(to)) throw new AppError("invalid_request", { toDay: "没有这一天" });
  return {
    fromMs: from === null ? 0 : startOfShanghaiDay(from),
    toMs: to === null ? FOREVER_MS : startOfShanghaiDay(to + 1),
  };
}

export function daysOf({ fromMs, toMs }: Range): Pick<ExtensionView, "fromDay" | "toDay"> {
  return {
    fromDay: fromMs === 0 ? null : formatShanghaiDay(shanghaiDay(fromMs)),
    toDay: toMs === FOREVER_MS ? null : formatShanghaiDay(shanghaiDay(toMs) - 1),
  };
}

export function sayRange(row: Range): string {
  const { fromDay, toDay } = daysOf(row);
  if (fromDay === null && toDay === null) return "全部消息";
  return `${fromDay ?? "最早"} 至 ${toDay ?? "最新"}`;
}

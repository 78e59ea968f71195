import { formatShanghaiDay, shanghaiDay } from "../../../platform/shanghai-day.ts";

/** `yyyymm` as a number, Asia/Shanghai. Times that no calendar holds count as the first of months. */
export function monthOf(atMs: number): number {
  const isTime = atMs >= 0 && atMs <= 8.64e15 - 1e9;
  return Number(
    formatShanghaiDay(shanghaiDay(isTime ? atMs : 0))
      .replaceAll("-", "")
      .slice(0, -2),
  );
}

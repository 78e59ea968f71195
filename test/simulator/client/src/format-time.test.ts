import { expect, test } from "@jest/globals";
import { formatChatTime, formatListTime, startsNewMoment } from "./format-time.ts";

/** Tuesday, 2026-03-10, by China's clock. */
const at = (day: number, time: string, month = 3, year = 2026) =>
  Date.parse(
    `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}T${time}:00+08:00`,
  );
const now = at(10, "14:30");

test.each([
  [at(10, "14:03"), "14:03", "14:03"],
  [at(10, "00:00"), "00:00", "00:00"],
  [at(9, "23:59"), "昨天", "昨天 23:59"],
  [at(6, "09:05"), "星期五", "星期五 09:05"],
  [at(3, "09:05"), "3/3", "3/3 09:05"],
  [at(31, "08:00", 12, 2025), "2025/12/31", "2025/12/31 08:00"],
])("时间 %d 在列表里是 %s，在聊天里是 %s", (atMs, inList, inChat) => {
  expect(formatListTime(atMs, now)).toBe(inList);
  expect(formatChatTime(atMs, now)).toBe(inChat);
});

test("第一条消息和停顿五分钟后的消息上方有时间", () => {
  expect(startsNewMoment(now, undefined)).toBe(true);
  expect(startsNewMoment(now, now - 299_999)).toBe(false);
  expect(startsNewMoment(now, now - 300_000)).toBe(true);
});

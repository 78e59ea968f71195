import { formatClock, formatDate, formatMoment } from "../../sidebar-web/src/format-time.ts";

const at = (iso: string): number => Date.parse(`${iso}+08:00`);
const now = at("2026-03-08T10:00:00");

test.each([
  ["2026-03-08T09:05:00", "今天 09:05"],
  ["2026-03-08T00:00:00", "今天 00:00"],
  ["2026-03-07T23:59:00", "昨天 23:59"],
  ["2026-03-01T14:03:00", "3月1日 14:03"],
  ["2025-12-31T14:03:00", "2025年12月31日 14:03"],
])("%s is told as %s", (iso, told) => {
  expect(formatMoment(at(iso), now)).toBe(told);
});

test("dates and clocks are Shanghai's, whatever the device's zone", () => {
  expect(formatDate(Date.parse("2026-03-07T16:30:00Z"))).toBe("2026年3月8日");
  expect(formatClock(Date.parse("2026-03-07T16:30:09Z"))).toBe("00:30:09");
});

import { isNews, withWarning } from "../../../sidebar-web/src/sidebar/warnings.ts";
import { warning } from "../samples.ts";

const older = warning({ caseId: "c1", sentAtMs: 1 });
const newer = warning({ caseId: "c2", sentAtMs: 2 });

test("a new warning comes first by its time, not by its arrival", () => {
  expect(withWarning([newer], older)).toEqual([newer, older]);
  expect(withWarning([older], newer)).toEqual([newer, older]);
});

test("a known case is replaced, never doubled", () => {
  const handled = { ...older, state: "handled" as const };
  expect(withWarning([newer, older], handled)).toEqual([newer, handled]);
});

test("the same event again is no news, a decision is", () => {
  expect(isNews([], older)).toBe(true);
  expect(isNews([older], older)).toBe(false);
  expect(isNews([older], { ...older, state: "false_alarm" })).toBe(true);
});

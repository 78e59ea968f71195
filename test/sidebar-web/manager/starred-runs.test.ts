import { starredRuns } from "../../../sidebar-web/src/manager/starred-runs.ts";

test.each<[string, { at: number; whole: string }[]]>([
  ["没有", []],
  [
    "电话138****5678，卡622************0123",
    [
      { at: 5, whole: "138?5678" },
      { at: 18, whole: "622?0123" },
    ],
  ],
  ["邮箱a**@example.com。", [{ at: 3, whole: "a?@example.com" }]],
])("the starred fields of %s", (text, expected) => {
  const found = starredRuns(text);
  expect(found.map(({ at, before, after }) => ({ at, whole: `${before}?${after}` }))).toEqual(
    expected,
  );
  for (const { at } of found) expect(text[at]).toBe("*");
});

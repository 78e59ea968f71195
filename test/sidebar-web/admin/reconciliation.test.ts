import { mount } from "@vue/test-utils";
import type { ReconciledDay } from "#shared/contract/reconciliation";
import BooksTable from "../../../sidebar-web/src/admin/reconciliation/BooksTable.vue";
import {
  explainBooks,
  firstOfDays,
  formatSpan,
  nameDay,
} from "../../../sidebar-web/src/admin/reconciliation/books.ts";

const nowMs = Date.parse("2026-11-23T00:30:00+08:00");

function day(change: Partial<ReconciledDay> = {}): ReconciledDay {
  return {
    day: "2026-11-23",
    pulled: 10,
    stored: 7,
    duplicated: 1,
    undecodable: 1,
    excluded: 1,
    expired: 0,
    storedFound: 7,
    undecodableFound: 1,
    excludedFound: 1,
    holds: true,
    passed: { firstSeq: 101, lastSeq: 113, gaps: 1, skipped: 3, widestGap: 3 },
    ...change,
  };
}

test.each<[Partial<ReconciledDay>, string[]]>([
  [{}, []],
  [{ holds: false, storedFound: 5 }, ["存下记了 7 条，库里只有 5 条，少 2 条"]],
  [{ holds: false, undecodableFound: 4 }, ["解不开记了 1 条，库里有 4 条，多 3 条"]],
  [
    { holds: false, pulled: 12, excludedFound: 0 },
    ["五样加起来是 10，不是 12", "排除记了 1 条，库里只有 0 条，少 1 条"],
  ],
  // Two places that are off by the same number.
  [{ holds: false }, ["合计相等，但有会话的账对不上，点开查看"]],
])("books with %j are explained", (change, expected) => {
  expect(explainBooks(day(change))).toEqual(expected);
});

test.each([
  [0, "0 秒"],
  [59_999, "59 秒"],
  [60_000, "1 分钟"],
  [3_725_000, "1 小时 2 分钟"],
  [7_200_000, "2 小时"],
  [86_400_000 * 4 + 3_600_000 * 21, "4 天 21 小时"],
  [86_400_000 * 3 + 5_000, "3 天"],
])("%d ms are %s", (ms, expected) => expect(formatSpan(ms)).toBe(expected));

test("days are those of Shanghai", () => {
  expect(firstOfDays(7, nowMs)).toBe("2026-11-17");
  expect(nameDay("2026-11-23", nowMs)).toBe("今天 11月23日");
  expect(nameDay("2026-11-22", nowMs)).toBe("昨天 11月22日");
  expect(nameDay("2026-11-09", nowMs)).toBe("11月9日");
});

test("a day that does not hold is marked in words and offers to pull its numbers again", async () => {
  const wrapper = mount(BooksTable, {
    props: { days: [day({ holds: false, storedFound: 5 }), day({ day: "2026-11-22" })], nowMs },
  });
  const [bad, good] = wrapper.findAll("tbody");
  expect(bad!.classes()).toContain("books-row-bad");
  expect(bad!.text()).toContain("对不上");
  expect(good!.text()).toContain("对得上");
  expect(good!.text()).not.toContain("重新拉取");
  await bad!.findAll("button").at(-1)!.trigger("click");
  expect(wrapper.emitted("repull")).toEqual([[{ fromSeq: 101, toSeq: 113 }]]);
});

test("no day is a state of its own", () => {
  const wrapper = mount(BooksTable, { props: { days: [], nowMs } });
  expect(wrapper.find("table").exists()).toBe(false);
  expect(wrapper.text()).toContain("这段时间没有拉到消息");
});

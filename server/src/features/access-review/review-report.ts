import { roleNames } from "#shared/contract/access";
import { reviewStateNames } from "#shared/contract/access-review";
import type { ReviewItem, ReviewView } from "#shared/contract/access-review";
import { toCsv } from "../../platform/csv.ts";
import { formatShanghaiTime } from "../../platform/shanghai-day.ts";

const headers = [
  "成员",
  "账号",
  "角色",
  "范围",
  "授予时间（北京时间）",
  "换部门时间",
  "结果",
  "复核人",
  "复核时间",
  "理由",
];

/** What became of every right, and the counts under it. */
export function toReport({ review, items }: ReviewView): string {
  const counts = Object.entries(reviewStateNames).map(([state, name]) => [
    name,
    String(review.counts[state as keyof typeof reviewStateNames]),
  ]);
  return toCsv([
    headers,
    ...items.map(toLine),
    [],
    ["发起时间", formatShanghaiTime(review.startedAtMs)],
    ["截止时间", formatShanghaiTime(review.dueAtMs)],
    ["结束时间", review.closedAtMs === null ? "进行中" : formatShanghaiTime(review.closedAtMs)],
    ...counts,
  ]);
}

function toLine(item: ReviewItem): string[] {
  const { departments, movedAtMs, decidedAtMs } = item;
  return [
    item.memberName,
    item.memberId,
    roleNames[item.role],
    departments?.join("、") ?? "全公司",
    formatShanghaiTime(item.grantedAtMs),
    movedAtMs === null ? "" : formatShanghaiTime(movedAtMs),
    reviewStateNames[item.state],
    item.reviewerNames.join("、"),
    decidedAtMs === null ? "" : formatShanghaiTime(decidedAtMs),
    item.reason ?? "",
  ];
}

import type { RuleLevel } from "#shared/rules/rule";
import type { ButtonCard, TextCard } from "../../wecom/card-body.ts";
import type { SupervisionCase } from "./case.entity.ts";
import type { OpenedCase } from "./cases.service.ts";
import { maskedQuote, nameOther } from "./quote.ts";

/** The Chinese of everything that is pushed to a manager's phone. */

const levelNames: Record<RuleLevel, string> = {
  notice: "提示",
  caution: "注意",
  forbidden: "禁止",
};
const outcomes = { open: "待处理", handled: "已处理", false_alarm: "误报" } as const;

/** As long as a card shows in two lines. */
const QUOTE_UNITS = 48;

const shanghai = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai",
  month: "numeric",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

interface CardFacts {
  cardId: string;
  managerId: string;
  memberName: string;
  customerName: string | null;
  url: string;
}

/** The card of one case: who to whom, when, which rule, a short masked quote, two buttons. */
export function cardOf({ row, text, findings }: OpenedCase, facts: CardFacts): ButtonCard {
  const customer = nameOther(row, facts.customerName);
  const [from, to] =
    row.speaker === "member" ? [facts.memberName, customer] : [customer, facts.memberName];
  const titles = [...new Set(findings.map(({ title }) => title))];
  const [first] = findings;
  return {
    toMemberIds: [facts.managerId],
    taskId: facts.cardId,
    source: `${levelNames[row.level]} · 聊天合规提醒`,
    title: titleOf(row, from, to),
    description: titles.join("、"),
    // Of an act the title says it all.
    ...(row.messageSeq !== null && {
      quote: { text: maskedQuote(text, findings, QUOTE_UNITS).quote },
    }),
    rows: [
      { label: "时间", value: shanghai.format(row.sentAtMs) },
      { label: "命中规则", value: `${titles.length} 条` },
      ...(first ? [{ label: "依据", value: first.clause }] : []),
    ],
    buttons: [
      { key: "handle", text: "处理", style: "primary" },
      { key: "false_alarm", text: "误报", style: "plain" },
    ],
    url: facts.url,
  };
}

function titleOf(
  { messageSeq, conversationId }: SupervisionCase,
  from: string,
  to: string,
): string {
  if (messageSeq === null) return `${from} 删除了 ${to}`;
  return conversationId.startsWith("g:") ? `${from} 在客户群中` : `${from} 对 ${to}`;
}

/** What stands in place of the buttons: 「张伟 14:03 标记为误报」. */
export function decisionLine(
  row: Pick<SupervisionCase, "state" | "decidedBy" | "decidedAtMs">,
  names: ReadonlyMap<string, string>,
): string {
  if (row.decidedBy === null || row.decidedAtMs === null) return outcomes[row.state];
  const time = new Intl.DateTimeFormat("zh-CN", {
    timeZone: "Asia/Shanghai",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(row.decidedAtMs);
  return `${names.get(row.decidedBy) ?? row.decidedBy} ${time} ${row.state === "handled" ? "已处理" : "标记为误报"}`;
}

/** One message for what came in late, instead of a card each. */
export function digestOf(managerId: string, openCount: number, url: string): TextCard {
  return {
    toMemberIds: [managerId],
    title: `有 ${openCount} 条聊天提醒待处理`,
    description: "包含补录的历史聊天。超过一小时的内容不再逐条推送，请在列表里查看和处理。",
    url,
    buttonText: "去处理",
  };
}

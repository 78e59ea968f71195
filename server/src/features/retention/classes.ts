import type { RetentionClass, RetentionClassId, RetentionDays } from "#shared/contract/retention";

const YEARS_10 = 3650;

/**
 * What is kept for how long unless somebody decides otherwise. No law sets a shortest time for chats in general; where
 * one sets a time for records, or a term in which they are evidence, nothing shorter can be chosen.
 */
export const classes: readonly Omit<RetentionClass, "days">[] = [
  {
    id: "single",
    title: "与客户的单聊",
    scope: "成员与客户一对一的消息",
    defaultDays: 730,
    minDays: 30,
    maxDays: YEARS_10,
    basis:
      "只留必要的最短时间（个人信息保护法第十九条）；不短于 30 天，留出处理投诉的时间。电商平台的交易信息须存满 3 年（电子商务法第三十一条），如适用请改长。",
  },
  {
    id: "group",
    title: "群聊",
    scope: "客户群和内部群里的消息",
    defaultDays: 730,
    minDays: 30,
    maxDays: YEARS_10,
    basis: "同上；群里常有多位客户，不宜更久。",
  },
  {
    id: "internal",
    title: "内部单聊",
    scope: "成员之间一对一的消息",
    defaultDays: 365,
    minDays: 30,
    maxDays: YEARS_10,
    basis: "只留管理所必需的时间（个人信息保护法第十三条、第十九条）。",
  },
  {
    id: "case",
    title: "告警事项",
    scope: "已处理的事项，和它前后 7 天的消息；待处理的不会销毁，误报按所在会话计",
    defaultDays: 1095,
    minDays: 365,
    maxDays: YEARS_10,
    basis:
      "劳动争议仲裁时效一年（劳动争议调解仲裁法第二十七条），诉讼时效三年（民法典第一百八十八条）。",
  },
  {
    id: "undecodable",
    title: "解不开的原样消息",
    scope: "没有密钥或已损坏，按收到的样子保存",
    defaultDays: 730,
    minDays: 30,
    maxDays: YEARS_10,
    basis: "同与客户的单聊；不知道是谁的，所以只要有一项留存在生效，就都不销毁。",
  },
  {
    id: "reading",
    title: "查阅记录",
    scope: "谁在什么时候、为什么看过或搜索过聊天，含阅读授权和紧急访问；没复核的紧急访问不会销毁",
    defaultDays: 1095,
    minDays: 183,
    maxDays: YEARS_10,
    basis:
      "日志不少于六个月（网络安全法）；处理情况记录不少于三年（个人信息保护法第五十六条）的，请不要改短。",
  },
  {
    id: "rule_scan",
    title: "规则试跑与回溯",
    scope: "结束后的统计、抽样和标注；回溯找到的命中按告警事项计",
    defaultDays: 365,
    minDays: 30,
    maxDays: YEARS_10,
    basis: "统计里有每位成员的命中数，只留比较和复核规则所需的时间（个人信息保护法第十九条）。",
  },
];

export const classIds: readonly RetentionClassId[] = classes.map(({ id }) => id);

export const defaultDays: RetentionDays = Object.fromEntries(
  classes.map(({ id, defaultDays: days }) => [id, days]),
) as RetentionDays;

export function titleOf(id: RetentionClassId): string {
  return classes.find((one) => one.id === id)?.title ?? id;
}

/** Field by field what is wrong with these days; empty when nothing is. */
export function findWrongDays(days: RetentionDays): Record<string, string> {
  const wrong: Record<string, string> = {};
  for (const { id, minDays, maxDays } of classes) {
    if (days[id] < minDays) wrong[`days.${id}`] = `不能短于 ${minDays} 天`;
    if (days[id] > maxDays) wrong[`days.${id}`] = `不能长于 ${maxDays} 天`;
  }
  return wrong;
}

/** Words that all three pages use. */
export const commonText = {
  level: { notice: "提示", caution: "注意", forbidden: "禁止" },
  caseState: { open: "待处理", handled: "已处理", false_alarm: "误报" },
  speaker: { member: "员工", customer: "客户", either: "双方" },
  clause: "依据",
  retry: "重试",
  loading: "正在加载…",
  noConnection: "网络不通，请检查网络后重试。",
  tooSlow: "服务器没有及时回应，请稍后重试。",
  badAnswer: "服务器的回应无法识别，请稍后重试。",
  requestId: (id: string): string => `问题编号 ${id}`,
  today: "今天",
  yesterday: "昨天",
} as const;

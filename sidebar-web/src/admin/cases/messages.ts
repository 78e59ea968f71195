/** Every sentence of a case's page in the console. */
export const text = {
  towards: (from: string, to: string): string => `${from} 对 ${to} 说`,
  removed: (who: string, whom: string): string => `${who} 删除了 ${whom}`,
  removal: "这是动作，没有聊天原文",
  decided: (who: string, when: string, what: string): string => `${who} ${when} 标记为「${what}」`,
  someone: "有人",
  open: "还没有人处理",
  quote: "号码已隐去",
  reason: "原因",
  suggestion: "建议说法",
  context: "查看前后聊天",
  decide: "去处理",
  back: "返回规则效果",
} as const;

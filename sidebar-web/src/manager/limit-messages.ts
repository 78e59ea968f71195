import { readingLimits, type Withheld } from "#shared/contract/reading-extension";

const { perConversation, perDay } = readingLimits;

/** Every sentence on reading more than a few messages. */
export const text = {
  withheld: {
    conversation: `这个会话今天已看满 ${perConversation} 条，后面的需要另一个人同意才能看。`,
    day: `今天看的消息已满 ${perDay} 条，继续看需要另一个人同意。`,
  } satisfies Record<Withheld, string>,
  open: "申请阅读更多",
  waiting: "已提交申请，等待审批。同意后会收到通知。",
  again: "刷新",
  until: (when: string): string => `已获准阅读更多，到 ${when}`,
  outsideRange: "获准的日期以外，仍按每天的条数限制。",
  form: {
    title: "申请阅读更多",
    why: "法律规定，非法获取通信内容 50 条即可能构成犯罪，在履行职责中获得的减半计算。所以从第 25 条起，要由个人信息保护负责人或法务同意。当事员工会看到这次申请的用途。",
    reason: "用途",
    reasonPlaceholder: "例如：客户投诉，需要核对 3 月的全部承诺",
    days: "有效期",
    day: (days: number): string => `${days} 天`,
    fromDay: "从哪天的消息（可不填）",
    toDay: "到哪天的消息（可不填）",
    send: "提交申请",
    sending: "提交中…",
    cancel: "取消",
  },
  search: {
    hidden: "内容未显示：今天能看的条数已用完。点开会话可以申请阅读更多。",
    done: (count: number): string =>
      `其中 ${count} 条没有显示内容：不经另一个人同意，一次最多看 ${perConversation} 条。`,
  },
} as const;

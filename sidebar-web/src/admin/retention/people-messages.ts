/** The words of 保存与销毁 about single people. */
export const text = {
  title: "销毁一个人的数据",
  hint: "客户要求删除，或成员离职后。先看会销毁什么，再由第二个人在“审批”里同意；完成后出具证明。留存中的不会销毁。",
  empty: "还没有销毁过谁的数据。",
  who: "对象",
  progress: "已销毁",
  requested: "申请",
  kinds: { customer: "客户", member: "离职成员" },
  states: {
    waiting: "等第二个人同意",
    refused: "没有销毁",
    running: "正在销毁",
    done: "已销毁",
    partly: "部分销毁",
  },
  gone: (messages: number, cases: number, keys: number): string =>
    `${messages} 条消息、${cases} 件事项、${keys} 把密钥`,
  held: (count: number): string => `${count} 条在留存中，没有销毁；解除留存后可再申请`,
  by: (who: string, when: string): string => `${who} · ${when}`,
  approvedBy: (who: string, when: string): string => `${who} 于${when}同意`,
  certificate: "销毁证明",

  id: "账号",
  idPlaceholder: "客户的 external_userid，或离职成员的账号",
  look: "看看会销毁什么",
  preview: (kind: string, id: string): string => `将销毁${kind} ${id} 的：`,
  counts: (messages: number, cases: number, keys: number): string =>
    `${messages} 条消息（连同文件和索引）、${cases} 件告警事项、${keys} 把数据密钥。销毁后无法恢复。`,
  stays: "不会销毁的：",
  reason: "理由",
  reasonPlaceholder: "例如：客户 11 月 20 日来函要求删除",
  request: "申请销毁",
  cancel: "取消",
  requestedToast: "已提交，等第二个人同意",
  fixReason: "请写明理由，至少 4 个字",
} as const;

import type { ApprovalState } from "#shared/contract/approval";

const states: Record<ApprovalState, string> = {
  waiting: "等待审批",
  approved: "已同意",
  refused: "未同意",
  withdrawn: "已撤回",
  expired: "已过期",
};

/** Every sentence of the page 审批. */
export const text = {
  title: "审批",
  intro: "重要的操作要由第二个人同意才会执行；自己提出的申请，自己不能审批。",
  tabs: { waiting: "待审批", ended: "已结束" },
  empty: {
    waiting: "没有等待审批的申请",
    ended: "还没有已结束的申请",
  },
  emptyDetail: { waiting: "有新的申请时，企业微信会发卡片通知你。", ended: "" },
  more: "显示更多",
  states,
  mine: "我提出的",
  reason: "理由",
  note: "审批意见",
  requested: (who: string, when: string): string => `${who} 提出于${when}`,
  expires: (when: string): string => `${when}前有效`,
  decided: (who: string, when: string): string => `${who} · ${when}`,
  look: "查看内容",
  approve: "同意",
  refuse: "不同意",
  withdraw: "撤回",
  waitingForOthers: "等待别人审批",
  approveTitle: "同意这项申请？",
  approveHint: "同意后立即执行，并记入留痕。",
  refuseTitle: "不同意这项申请？",
  noteOptional: "意见（可以不写）",
  noteRequired: "为什么不同意（申请人会看到）",
  cancel: "再想想",
  approved: "已同意，正在执行",
  refused: "已告知申请人",
  withdrawTitle: "撤回这项申请？",
  withdrawHint: "撤回后不能恢复，需要时再提一次。",
  withdrawn: "已撤回",
} as const;

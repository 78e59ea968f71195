import { emergencyReasonLength, maxEmergencyMembers } from "#shared/contract/emergency";
import type { EmergencyState } from "#shared/contract/emergency";
import { readingLimits } from "#shared/contract/reading-extension";
import type { ExtensionState } from "#shared/contract/reading-extension";

/** Every sentence of the page 阅读授权. */
export const text = {
  title: "阅读授权",
  intro: `不经另一个人同意，一个会话一天最多看 ${readingLimits.perConversation} 条，全部会话一天最多 ${readingLimits.perDay} 条。需要看得更多，或者看职责以外的聊天，都在这里留下记录。`,
  more: "查看更早的",
  emergency: {
    title: "紧急访问",
    hint: "最长 4 小时，到时自动结束。当事员工的主管、复核人和审计员立即收到通知，2 个工作日内由另一个人复核。",
    empty: "没有紧急访问。",
    what: "谁看谁的聊天",
    when: "时间",
    review: "复核",
    state: "状态",
    reading: (reader: string, members: readonly string[]): string =>
      `${reader} 看 ${members.join("、")} 的聊天`,
    reason: (cause: string, reason: string): string => `${cause}：${reason}`,
    from: (from: string, to: string): string => `${from} 开始，到 ${to}`,
    asked: (when: string): string => `${when} 申请`,
    approvedBy: (name: string): string => `${name} 同意`,
    alone: "未经审批，立即开启",
    due: (when: string): string => `${when} 前复核`,
    overdue: "已超期",
    reviewed: (name: string, verdict: string): string => `${name}：${verdict}`,
    end: "结束",
    doReview: "复核",
    open: "申请紧急访问",
    states: {
      waiting: "等待审批",
      open: "进行中",
      ended: "已结束",
      refused: "没有同意",
    } satisfies Record<EmergencyState, string>,
  },
  form: {
    title: "申请紧急访问",
    warning:
      "“正在发生的安全事件”立即开启，其他原因要等另一个人同意。开启后，当事员工的主管、复核人和审计员马上会收到通知，当事员工也能看到。",
    cause: "原因",
    members: "看谁的聊天",
    membersHint: `最多 ${maxEmergencyMembers} 人`,
    hours: "时长",
    hour: (hours: number): string => `${hours} 小时`,
    reason: "理由",
    reasonHint: `写清楚发生了什么、为什么等不及，至少 ${emergencyReasonLength.min} 个字`,
    send: "提交",
    cancel: "取消",
    opened: "紧急访问已开启",
    sent: "已提交，等待审批",
  },
  reviewing: {
    title: "复核紧急访问",
    verdict: "结论",
    note: "复核意见",
    noteHint: "看过留痕记录后的判断和依据",
    unjustifiedHint: "判为不当会立即结束仍在进行的紧急访问。",
    send: "提交复核",
    cancel: "取消",
    done: "已复核",
  },
  extension: {
    title: "阅读更多",
    hint: "在会话页面里申请，由另一个人同意。到期、收回或权限变动时结束。",
    empty: "没有人申请过阅读更多。",
    what: "内容",
    who: "申请与审批",
    state: "状态",
    purpose: (purpose: string): string => `用途：${purpose}`,
    range: (from: string | null, to: string | null): string =>
      from === null && to === null ? "全部消息" : `${from ?? "最早"} 至 ${to ?? "最新"}`,
    asked: (name: string, when: string): string => `${name} ${when}申请`,
    approvedBy: (name: string): string => `${name} 同意`,
    until: (when: string): string => `到 ${when}`,
    endedBy: (name: string, when: string): string => `${name} ${when}结束`,
    end: "收回",
    giveBack: "不再需要",
    ended: "已结束",
    states: {
      waiting: "等待审批",
      active: "有效",
      ended: "已结束",
      refused: "没有同意",
    } satisfies Record<ExtensionState, string>,
  },
} as const;

import type { RetentionClassId } from "#shared/contract/retention";

const unit: Record<RetentionClassId, string> = {
  single: "条消息",
  group: "条消息",
  internal: "条消息",
  case: "件事项",
  undecodable: "条",
  reading: "条记录",
};

/** Every sentence of the page 保存与销毁. */
export const text = {
  title: "保存与销毁",
  intro:
    "到期的内容每晚自动销毁，密钥也一并销毁，之后谁也无法恢复。被留存的人、会话和事项不会销毁，直到解除留存。",
  unit,

  policy: {
    title: "保存期限",
    hint: (version: number, nextRun: string): string =>
      `${version === 0 ? "默认期限，还没有人改过" : `第 ${version} 版`}；改动从下一次夜间销毁（${nextRun}）起生效。`,
    name: "类别",
    days: "保存天数",
    range: (min: number, max: number): string => `${min}–${max} 天`,
    default: (days: number): string => `默认 ${days} 天`,
    basis: "依据",
    daysOf: (title: string): string => `${title}保存天数`,
    check: "看看影响并保存",
    checking: "正在统计…",
    discard: "放弃改动",
    unchanged: "改动天数后，先看影响，再保存。",
    history: "历次改动",
    noHistory: "还没有改过，用的是默认期限。",
    change: (title: string, from: number, to: number): string => `${title} ${from} → ${to} 天`,
    version: (version: number): string => `第 ${version} 版`,
    editedMeanwhile: "期限刚被别人改过，已载入最新的，请重新核对。",
    saved: "已保存，下一次夜间销毁起生效",
  },

  confirm: {
    title: "确认新的保存期限",
    none: "按新的期限，下一次夜间销毁没有要销毁的内容。",
    some: "按新的期限，下一次夜间销毁将永久删除：",
    line: (count: string, of: string): string => `${count} ${of}`,
    span: (from: string, to: string): string => (from === to ? from : `${from} 至 ${to}`),
    held: (count: string): string => `另有 ${count} 条因留存不会销毁`,
    partial: "内容很多，没有数完：实际比这里写的更多。",
    gone: "销毁后无法恢复。备份里的内容要到备份自己到期才会消失。",
    reason: "改动原因",
    reasonPlaceholder: "例如：业务调整，法务已确认",
    save: "确认并保存",
    cancel: "再想想",
  },

  holds: {
    title: "留存（暂停销毁）",
    hint: "投诉、仲裁、诉讼期间，有关的内容不能销毁。提交后立即生效，正在进行的夜间销毁也会避开。",
    empty: "现在没有留存，到期的内容都会销毁。",
    kind: "留存什么",
    kinds: { person: "人员", conversation: "会话", case: "告警事项" },
    keeps: {
      person: "此人参与的所有会话",
      conversation: "这个会话的全部消息",
      case: "事项所在会话的全部消息",
    },
    target: { person: "成员账号或客户 ID", conversation: "会话编号", case: "事项编号或链接" },
    placeholder: {
      person: "zhangsan 或 wmAbc…",
      conversation: "s:成员账号:客户ID，群聊为 g:群ID",
      case: "粘贴卡片里的事项链接",
    },
    reason: "原因",
    reasonPlaceholder: "例如：客户投诉，等待仲裁",
    place: "开始留存",
    placed: "已留存，立即生效",
    fixFields: "请先填好对象和原因（原因至少 4 个字）",
    since: "留存于",
    by: (who: string, when: string): string => `${who} · ${when}`,
    release: "解除",
    releaseTitle: "解除留存",
    releaseWarning: (what: string): string =>
      `解除后，「${what}」里已到期的内容会在下一次夜间销毁时删除，无法恢复。`,
    releaseReason: "解除原因",
    released: "已解除",
    releasedBy: (who: string, when: string, why: string): string => `${who} 于${when}解除：${why}`,
    active: "留存中",
    showReleased: (count: number): string => `显示已解除的 ${count} 项`,
    hideReleased: "收起已解除的",
  },

  runs: {
    title: "销毁报告",
    hint: "每晚一次，只记数量和日期，不含内容。备份里可能还有这些内容，直到备份自己到期。",
    empty: "还没有运行过。每天凌晨 2:10 检查一次。",
    export: "导出 CSV",
    startedAt: "时间",
    state: "结果",
    states: { running: "进行中", done: "完成", out_of_time: "时间用完，次日继续" },
    what: "销毁了什么",
    nothing: "没有到期的",
    days: "收到的日期",
    held: "因留存未销毁",
    keys: "密钥",
    version: "期限",
    line: (title: string, count: string, of: string): string => `${title} ${count} ${of}`,
    default: "默认",
  },
} as const;

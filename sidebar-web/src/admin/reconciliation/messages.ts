/** Every sentence of the page 对账. */
export const text = {
  title: "对账",
  checkedAt: (when: string): string => `核对于 ${when}`,
  intro:
    "企业微信交来的每一条消息，都在下面五处之一：存下、重复、解不开、排除、到期销毁。五样加起来等于拉到的条数，又和库里的一致，就是一条也没有丢。",
  allHold: "账对得上",
  someBroken: (count: number): string => `${count} 天对不上`,
  missing: "没有配置会话存档，聊天不会保存",
  missingDetail: (setting: string): string => `填写 ${setting} 并重启服务后，这里开始记账。`,
  ranges: { 7: "近 7 天", 30: "近 30 天", 90: "近 90 天" },
  rangeLabel: "看多久",

  problem: {
    not_pulled: "会话存档没有在拉取",
    undecodable: (count: number): string => `${count} 条消息还解不开`,
    since: (when: string): string => `从${when}起`,
    left: (span: string): string => `企业微信只保留 5 天，最早的还剩 ${span}`,
    forgotten: "最早的已超过企业微信保留的 5 天",
    kept: "原文已按收到的样子保存，不会丢；期限只关系到能不能向企业微信再要一次。",
    remedy: "怎么办",
    alarmed: (when: string): string => `${when}已提醒管理员`,
    toItems: "去看这些消息",
    none: "没有遗留问题",
  },

  facts: {
    seq: "已拉到序号",
    pulledAt: "上次拉取",
    never: "还没有",
    lag: "最新一条从发送到存下",
    noLag: "还没有消息",
    gaps: "跳过的序号",
    gapCount: (places: number, numbers: number): string =>
      places === 0 ? "没有" : `${places} 处，共 ${numbers} 个`,
    gapHint: (widest: number): string =>
      `最宽一处 ${widest} 个。序号全企业共用，跳号正常，不是丢失。`,
  },

  days: {
    title: "每天的账",
    hint: "按拉取的日期（北京时间）。点一天，看每个会话的账。",
    empty: "这段时间没有拉到消息",
    emptyHint: "有人聊天以后，这里会出现当天的账。",
    day: "日期",
    today: "今天",
    yesterday: "昨天",
    pulled: "拉到",
    stored: "存下",
    duplicated: "重复",
    undecodable: "解不开",
    excluded: "排除",
    expired: "到期销毁",
    result: "结果",
    seqs: "序号",
    holds: "对得上",
    broken: "对不上",
    sum: (sum: number, pulled: number): string => `五样加起来是 ${sum}，不是 ${pulled}`,
    found: (what: string, booked: number, found: number): string =>
      found < booked
        ? `${what}记了 ${booked} 条，库里只有 ${found} 条，少 ${booked - found} 条`
        : `${what}记了 ${booked} 条，库里有 ${found} 条，多 ${found - booked} 条`,
    inPlaces: "合计相等，但有会话的账对不上，点开查看",
    open: (day: string): string => `看 ${day} 每个会话的账`,
    repull: "重新拉取这一天",
  },

  conversations: {
    loading: "读取中…",
    name: "会话",
    kinds: {
      single: "单聊",
      group: "群聊",
      internal: "内部",
      unknown: "还不知道是哪个会话",
      expired: "已到期销毁，不再记名",
    },
    shown: (shown: number, total: number): string =>
      shown < total ? `共 ${total} 个会话，显示最要紧的 ${shown} 个` : `共 ${total} 个会话`,
    masked: "账号只显示首尾",
  },

  repull: {
    title: "重新拉取",
    hint: "把一段序号再拉一遍：缺的补上，已有的只计为重复。不影响正常拉取，可以反复做。企业微信只保留 5 天。",
    from: "从序号",
    to: "到序号",
    start: "开始",
    starting: "提交中…",
    started: "已开始，进度见下方",
    needNumbers: "请填写起止序号",
    empty: "还没有重新拉取过",
    range: "序号",
    progress: "进度",
    pulled: "拉到",
    stored: "补上",
    duplicated: "已有",
    undecodable: "解不开",
    requestedAt: "开始于",
    states: { waiting: "等待中", running: "拉取中", done: "完成" },
    trouble: (why: string): string => `${why}，会自动再试`,
    nothing: "企业微信已没有这段消息",
  },
} as const;

import type { RuleScanKind, RuleScanProblem } from "#shared/contract/rule-scan";

/** Every sentence of 试跑 and 回溯. */
export const text = {
  kinds: {
    back_test: {
      title: "试跑",
      hint: "用工作稿把历史聊天跑一遍，和生效中的版本比，看会多命中什么、少命中什么。不产生命中，也不提醒任何人。只看聊天记录，“删除好友”不在其中，不试。",
      start: "开始试跑",
      again: "重新试跑",
      none: "还没有试跑过。选好日期，先在历史聊天上试一遍再提交。",
    },
    look_back: {
      title: "回溯",
      hint: "用生效中的版本检查历史聊天。找到的命中记为“回溯”，不推送卡片，也不在侧边栏提醒；已有的命中不重复。“删除好友”不在聊天记录里，不回溯。",
      start: "开始回溯",
      again: "再次回溯",
      none: "还没有回溯过。",
    },
  } satisfies Record<RuleScanKind, object>,
  days: "日期范围",
  daysPlaceholder: ["开始日期", "结束日期"],
  noDays: "请选择开始和结束日期",
  noReach: "你没有可查看的聊天，不能试跑或回溯，请让有“查看聊天”权限的合规专员来做。",
  reach: (count: number): string => `范围：你能查看的 ${count} 位成员的聊天`,
  stale: "工作稿已改动，请重新试跑。下面是改动之前的结果。",
  staleLookBack: "之后又发布过新版本，下面是旧版本的回溯结果。",
  running: (seen: number, total: number): string =>
    `已检查 ${seen.toLocaleString()} / ${total.toLocaleString()} 条消息`,
  cancel: "取消",
  cancelled: "已取消。",
  problems: {
    not_allowed: "发起人已没有写规则或查看聊天的权限，没有完成。请由有权限的人重新开始。",
    directory_stale: "超过一天没能从企业微信更新通讯录，没有完成。请在通讯录恢复后重新开始。",
    error: "多次尝试都没有成功。请联系管理员查看“运行状态”后重新开始。",
  } satisfies Record<RuleScanProblem, string>,
  about: (who: string, when: string, from: string, to: string): string =>
    `${who} 于${when} · ${from} 至 ${to}`,
  scanned: (total: number): string => `共 ${total.toLocaleString()} 条消息`,
  erased: (count: number): string => `其中 ${count} 条已销毁，无法检查。`,
  failed: (count: number): string => `有 ${count} 条消息规则引擎处理不了，没有计入。`,
  notTried: "这份改动没有在历史聊天上试跑过。",
  tried: "试跑结果",

  columns: {
    back_test: { added: "新增", gone: "消失", same: "不变" },
    look_back: { added: "新发现", gone: "—", same: "原有" },
  } satisfies Record<RuleScanKind, object>,
  hits: "命中",
  messages: (before: number, after: number): string =>
    `命中的消息：现在 ${before} 条，发布后 ${after} 条`,
  noHits: "没有命中。",
  byDay: "每天",
  byPerson: "按成员",
  byRule: "按规则",
  byWord: "按词",
  others: (count: number): string => `其他 ${count} 位成员（你无权查看其聊天）`,
  more: (count: number): string => `还有 ${count} 行，展开`,
  otherWords: "号码、链接、句式等",
  managers: "主管每天会收到的提醒",
  manager: "主管",
  before: "现在",
  after: "发布后",
  load: (perDay: number, most: number): string =>
    `日均${perDay > 0 && perDay < 0.1 ? "不到 0.1" : Number(perDay.toFixed(1))} 条，最多一天 ${most} 条`,
  noManagers: "没有会推送给主管的提醒。",

  sample: {
    title: "抽样标注",
    from: {
      added: (population: number, size: number): string =>
        `从 ${population} 处新增命中里随机抽了 ${size} 处`,
      all: (population: number, size: number): string =>
        `从 ${population} 处命中里随机抽了 ${size} 处`,
    },
    purpose: "用途",
    purposeHint: "例如：核对新规则准不准",
    open: "查看抽样",
    record: "查看会按会话登记在案，当事人可以看到。",
    precision: (share: number, low: number, high: number, count: number): string =>
      `准确率约 ${percent(share)}，95% 区间 ${percent(low)}–${percent(high)}（已标 ${count} 处）`,
    unlabelled: "还没有人标注，准确率未知。",
    correct: "对",
    falseAlarm: "误报",
    to: "对",
    hidden: (count: number): string =>
      `另有 ${count} 处不在你能查看的范围内，或今天能看的条数已用完。`,
    empty: "抽到的消息都已销毁。",
  },
} as const;

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

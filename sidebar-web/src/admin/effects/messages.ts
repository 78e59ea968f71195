/** Every sentence of the page 规则效果. */
import type { SuggestedChange } from "#shared/contract/rule-feedback";
import { commonText } from "../../common-messages.ts";

const { level } = commonText;

export const text = {
  title: "规则效果",
  intro:
    "主管和合规处理命中时点的“已处理”和“误报”，汇总成每条规则、每个词的准确率。一件事项命中几条规则，结论计入每一条。",
  days: "统计时间",
  lastDays: (days: number): string => (days === 365 ? "近一年" : `近 ${days} 天`),
  summary: (decided: number, version: number): string =>
    `已有结论的事项 ${decided} 件，按现行第 ${version} 版规则统计`,
  cut: "事项太多，只统计最近的 5000 件。",
  empty: "还没有启用的规则",
  emptyDetail: "发布规则并处理过命中之后，这里会显示效果。",
  suggested: "有建议",
  allRules: "全部规则",
  noneSuggested: "目前没有建议。结论积累多了，这里会指出该加的例外、该调的级别和没用的规则。",
  hits: (count: number): string => `命中 ${count} 次`,
  counts: (handled: number, falseAlarms: number): string =>
    `已处理 ${handled} · 误报 ${falseAlarms}`,
  precision: "准确率",
  interval: (low: string, high: string): string => `${low}–${high}`,
  intervalHint: "95% 置信区间：样本越少，范围越宽",
  few: "样本太少",
  undecided: "还没有结论",
  earlier: (count: number): string => `另有 ${count} 个结论属于改动前的规则，没有计入`,
  confidential: "保密",
  words: (count: number): string => `按词看（${count} 个）`,
  hideWords: "收起",
  word: "词",
  handled: "已处理",
  falseAlarms: "误报",
  change: (change: SuggestedChange): string => {
    switch (change.kind) {
      case "exception":
        return `加例外「${change.phrase}」`;
      case "raise":
        return `级别从“${level[change.from]}”调高到“${level[change.to]}”`;
      case "lower":
        return `级别从“${level[change.from]}”调低到“${level[change.to]}”`;
      case "remove_word":
        return `去掉词「${change.word}」`;
      case "retire":
        return "停用这条规则";
    }
  },
  why: (change: SuggestedChange, handled: number, falseAlarms: number): string => {
    switch (change.kind) {
      case "exception":
        return `「${change.word}」的 ${falseAlarms} 件误报都写在「${change.phrase}」里，已处理的事项里没有这种写法。`;
      case "raise":
        return `${handled + falseAlarms} 件里 ${handled} 件属实，几乎都是真的。`;
      case "lower":
        return `${handled + falseAlarms} 件里 ${falseAlarms} 件是误报，超过一半。`;
      case "remove_word":
        return `这个词的 ${handled + falseAlarms} 件里 ${falseAlarms} 件是误报。`;
      case "retire":
        return change.because === "never_hits"
          ? "整个统计时间里一直启用，从没有命中过。"
          : `${handled + falseAlarms} 件里 ${falseAlarms} 件是误报，几乎都不是真的。`;
    }
  },
  evidence: "依据",
  beyondReach: (count: number): string => `另有 ${count} 件不在你的查看范围内`,
  accept: "写入工作稿",
  dismiss: "不采纳",
  accepted: "已写入工作稿，发布后生效",
  dismissed: "不再提示这条建议",
  toDraft: "去看工作稿",
  dismissTitle: "不采纳这条建议",
  dismissReason: "为什么不采纳，例如：手册要求这种说法也要提示",
  dismissWhat: "这条规则的词、例外和级别不变的话，以后不再提示。",
  dismissOk: "不采纳",
  cancel: "取消",
  past: "处理过的建议",
  outcome: { accepted: "已写入工作稿", dismissed: "不采纳" },
} as const;

export function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

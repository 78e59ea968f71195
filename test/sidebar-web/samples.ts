/** Made-up answers of the server, as small as the tests need. */
import type { CaseView } from "#shared/contract/case";
import type { FindingView, RuleView } from "#shared/contract/rule";
import type { CustomerContext, WarningView } from "#shared/contract/sidebar";
import { serializeRules } from "#shared/rules/compile";
import { sounds } from "#shared/rules/sound-table";
import type { DraftRulesFile } from "../../sidebar-web/src/sidebar/draft-rules.ts";

export function finding(over: Partial<FindingView> = {}): FindingView {
  return {
    ruleId: "fin.guarantee",
    ruleRevision: 1,
    title: "承诺保本保息",
    category: "理财",
    level: "forbidden",
    clause: "《手册》3.2",
    reason: "没有保本的理财。",
    suggestion: "过往收益不代表未来。",
    spans: [{ start: 0, end: 2, word: "保本" }],
    ...over,
  };
}

export function warning(over: Partial<WarningView> = {}): WarningView {
  return {
    caseId: "c1",
    level: "forbidden",
    speaker: "member",
    occasion: "message",
    quote: "保本保息",
    findings: [finding()],
    parts: [],
    state: "open",
    sentAtMs: 1_000,
    ...over,
  };
}

export function caseView(over: Partial<CaseView> = {}): CaseView {
  return {
    id: "c1",
    state: "open",
    level: "forbidden",
    speaker: "member",
    occasion: "message",
    hasContext: true,
    memberId: "chenli",
    memberName: "陈丽",
    customerName: "李**",
    quote: "保本保息",
    findings: [finding()],
    parts: [],
    sentAtMs: 1_000,
    decidedByName: null,
    decidedAtMs: null,
    isLookBack: false,
    ...over,
  };
}

export function ruleView(over: Partial<RuleView> = {}): RuleView {
  return {
    id: "r1",
    title: "承诺保本保息",
    category: "理财",
    level: "forbidden",
    speaker: "member",
    variants: "strong",
    words: ["保本", "保息"],
    exceptions: ["不保本"],
    clause: "《手册》3.2",
    reason: "没有保本的理财。",
    suggestion: "过往收益不代表未来。",
    isConfidential: false,
    isEnabled: true,
    revision: 1,
    updatedBy: "刘洋",
    updatedAtMs: 1_000,
    recentHits: 3,
    change: null,
    ...over,
  };
}

export function sidebarRules(...rules: Partial<RuleView>[]): DraftRulesFile {
  const buffer = serializeRules(
    rules.map((rule) => ruleView(rule)),
    { sounds },
  );
  return { version: 1, buffer };
}

export function customerContext(over: Partial<CustomerContext> = {}): CustomerContext {
  return {
    customer: {
      id: "wm1",
      name: "平安是福",
      isWechat: true,
      corpName: null,
      avatarUrl: null,
      remark: "李建国",
      description: "",
      tags: [],
      mobiles: [],
      addedAtMs: null,
      addWay: "扫描二维码",
      owners: [],
      consent: "agreed",
    },
    hints: [],
    warnings: [],
    isStale: false,
    syncedAtMs: 1_000,
    ...over,
  };
}

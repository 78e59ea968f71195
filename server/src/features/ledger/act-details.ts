import { roleNames } from "#shared/contract/access";
import { verdictNames } from "#shared/contract/emergency";
import { legalBasisNames } from "#shared/contract/evidence";
import { formatShanghaiTime } from "../../platform/shanghai-day.ts";
import type { CanonicalObject, CanonicalValue } from "../../platform/ledger/canonical-json.ts";

/** What an entry's details are called; those that an older or newer version wrote keep their own names. */
const names: Readonly<Record<string, string>> = {
  act: "行为",
  acceptedRisk: "已接受兼任风险",
  approval: "审批编号",
  approvedBy: "审批人",
  because: "原因",
  before: "之前的密钥",
  body: "内容指纹",
  cases: "事项数",
  change: "改动",
  decision: "处理结果",
  definition: "内容指纹",
  departments: "部门",
  duplicated: "重复",
  excluded: "已放弃",
  ended: "收回数",
  expired: "已到期销毁",
  field: "信息",
  fromMs: "从",
  fromSeq: "从序号",
  gone: "已不再持有",
  grant: "权限编号",
  hash: "内容指纹",
  head: "留痕规模",
  held: "因留存保留",
  hits: "命中数",
  holds: "账目相符",
  kept: "保留数",
  keys: "销毁的密钥数",
  late: "逾期后答复",
  legalBasis: "处理依据",
  level: "级别",
  lines: "行数",
  lookBack: "回溯",
  member: "成员",
  members: "涉及成员数",
  messages: "消息数",
  object: "对象",
  of: "申请类别",
  personId: "人员",
  pulled: "拉取",
  requestedBy: "申请人",
  review: "复核编号",
  revision: "第几版",
  role: "角色",
  rule: "规则",
  seq: "存档序号",
  seqs: "存档序号",
  rules: "规则指纹",
  sha256: "文件指纹",
  stored: "入库",
  suspended: "暂停数",
  toMs: "到",
  toSeq: "到序号",
  undecodable: "未能解密",
  until: "有效期至",
  verdict: "复核结论",
  version: "规则版本",
};

const words: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  act: { removal: "删除好友" },
  change: {
    exception: "加例外",
    raise: "调高级别",
    lower: "调低级别",
    remove_word: "删词",
    retire: "停用规则",
  },
  because: {
    revoked: "审批收回",
    left: "离职",
    replaced: "换成新的授予",
    review: "复核收回",
    unanswered: "逾期没有复核",
  },
  decision: { handled: "已处理", correct: "对", false_alarm: "误报" },
  field: { number: "号码", name: "姓名" },
  legalBasis: legalBasisNames,
  level: { notice: "提示", caution: "注意", forbidden: "禁止" },
  role: roleNames,
  verdict: verdictNames,
  of: {
    "access.grant": "授予权限",
    "access.revoke": "收回权限",
    "emergency.open": "紧急访问",
    "evidence.export": "导出证据包",
    "person.destroy": "销毁个人数据",
    "reading.bulk": "阅读更多",
    "rules.publish": "发布规则",
    "rules.restore": "恢复规则版本",
  },
};

/** One line for a person. Nobody's name is in it: entries name people by their ids. */
export function sayDetails(details: CanonicalObject): string {
  return Object.entries(details)
    .map(([name, value]) => `${names[name] ?? name}：${say(name, value)}`)
    .join("；");
}

function say(name: string, value: CanonicalValue): string {
  if (typeof value === "boolean") return value ? "是" : "否";
  if (typeof value === "number" && (name === "until" || name.endsWith("Ms")))
    return formatShanghaiTime(value);
  if (typeof value === "string") return words[name]?.[value] ?? value;
  return value === null ? "全部" : JSON.stringify(value);
}

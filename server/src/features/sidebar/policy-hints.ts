import type { PolicyHint } from "#shared/contract/sidebar";
import { isWorkingTime } from "#shared/working-calendar";
import type { WorkingCalendar } from "#shared/working-calendar";
import type { ArchiveConsent } from "../../wecom/archive-consent.ts";

/** What the policy needs to know of a chat with a customer, now. */
export interface CustomerFacts {
  nowMs: number;
  calendar: WorkingCalendar;
  consent: ArchiveConsent;
  /** Names of all tags, by whomever they were set. */
  tags: readonly string[];
  /** Colleagues who have the same customer. */
  otherOwnerNames: readonly string[];
  addedAtMs: number | null;
  hasRemark: boolean;
  /** Warnings of this chat that nobody has decided. */
  openCases: number;
}

export interface GroupFacts {
  nowMs: number;
  calendar: WorkingCalendar;
  customerCount: number;
  isOwner: boolean;
  openCases: number;
}

const NEW_CUSTOMER_DAYS = 7;
const DAY_MS = 24 * 3600_000;

const DO_NOT_CONTACT = /勿扰|免打扰|(勿|不要|拒绝|停止)(再)?(联系|营销|推销|打扰)|退订|拒收|黑名单/;
const COMPLAINT = /投诉|客诉|维权|举报|纠纷/;
const INVESTMENT = /理财|投资|基金|信托|证券|债券|保险/;

const gravity: Record<PolicyHint["level"], number> = { forbidden: 0, caution: 1, notice: 2 };

/** What the company's policy says about the chat with this customer, the gravest first. */
export function customerHints(facts: CustomerFacts): PolicyHint[] {
  return byGravity([
    ...doNotContact(facts),
    ...archiveConsent(facts),
    ...openCases(facts),
    ...complaint(facts),
    ...offHours(facts),
    ...investment(facts),
    ...newCustomer(facts),
    ...otherOwners(facts),
    ...missingRemark(facts),
  ]);
}

/** The same for a group with customers. */
export function groupHints(facts: GroupFacts): PolicyHint[] {
  return byGravity([...openCases(facts), ...offHours(facts), ...groupPrivacy(facts)]);
}

function byGravity(hints: PolicyHint[]): PolicyHint[] {
  return hints.sort((a, b) => gravity[a.level] - gravity[b.level]);
}

function doNotContact({ tags }: CustomerFacts): PolicyHint[] {
  const tag = tags.find((name) => DO_NOT_CONTACT.test(name));
  if (tag === undefined) return [];
  return [
    {
      id: "do-not-contact",
      level: "forbidden",
      title: "客户已明确拒绝营销",
      detail: `标签“${tag}”：不要发送产品介绍、活动或优惠。客户主动来问时，只回答所问的事。`,
      clause: "《消费者权益保护法》第二十九条第三款；《微信使用手册》“沟通行为规范”",
    },
  ];
}

const consentHints: Partial<Record<ArchiveConsent, Omit<PolicyHint, "id">>> = {
  refused: {
    level: "forbidden",
    title: "客户不同意聊天存档，不在这里谈业务",
    detail: "报价、合同和个人资料请改用公司电话或邮件。不要劝说客户改变决定，也不要换私人微信。",
    clause:
      "《个人信息保护法》第十四条、第十五条、第十六条；《微信使用手册》“重要信息的记录与存档”",
  },
  unknown: {
    level: "caution",
    title: "还不知道客户是否同意存档",
    detail: "先说明聊天会由公司存档、用于服务质量和合规，请客户在企业微信的提示中确认。",
    clause: "《个人信息保护法》第十三条、第十七条；《微信使用手册》“重要信息的记录与存档”",
  },
  agreed_by_default: {
    level: "notice",
    title: "客户没有亲自确认存档",
    detail: "企业微信按默认同意处理。谈到证件、账户、健康等敏感信息之前，请再说明一次并征得同意。",
    clause: "《个人信息保护法》第十四条、第二十九条；《微信使用手册》“重要信息的记录与存档”",
  },
};

function archiveConsent({ consent }: CustomerFacts): PolicyHint[] {
  const hint = consentHints[consent];
  return hint ? [{ id: `consent-${consent}`, ...hint }] : [];
}

function openCases({ openCases: count }: Pick<CustomerFacts, "openCases">): PolicyHint[] {
  if (count === 0) return [];
  return [
    {
      id: "open-cases",
      level: "caution",
      title: `这段聊天有 ${count} 条提醒待主管处理`,
      detail: "看看下面的提醒和建议说法；说错的话尽快向客户更正。认为是误报，可以告诉主管。",
      clause: "《微信使用手册》“沟通行为规范”",
    },
  ];
}

function complaint({ tags }: CustomerFacts): PolicyHint[] {
  const tag = tags.find((name) => COMPLAINT.test(name));
  if (tag === undefined) return [];
  return [
    {
      id: "complaint",
      level: "caution",
      title: "客户有投诉",
      detail: `标签“${tag}”：先听清诉求并如实记录，当天转给主管。不争辩，不自行承诺赔偿或退款。`,
      clause: "《消费者权益保护法》第十七条、第三十九条；《微信使用手册》“沟通行为规范”",
    },
  ];
}

function offHours({ nowMs, calendar }: Pick<CustomerFacts, "nowMs" | "calendar">): PolicyHint[] {
  if (isWorkingTime(nowMs, calendar)) return [];
  return [
    {
      id: "off-hours",
      level: "caution",
      title: "现在不是工作时间",
      detail: "不要主动联系客户。客户有急事可以简短回复，其余的明天再说；你也需要休息。",
      clause: "《微信使用手册》“工作时间”",
    },
  ];
}

function investment({ tags }: CustomerFacts): PolicyHint[] {
  const tag = tags.find((name) => INVESTMENT.test(name));
  if (tag === undefined) return [];
  return [
    {
      id: "investment",
      level: "notice",
      title: "谈收益，也要谈风险",
      detail: `客户关注“${tag}”：不承诺保本或收益，不用“最高”“最佳”，只发公司审过的材料。`,
      clause: "《广告法》第九条第三项、第二十五条；《微信使用手册》“可以通过微信发送的内容”",
    },
  ];
}

function newCustomer({ addedAtMs, nowMs }: CustomerFacts): PolicyHint[] {
  if (addedAtMs === null) return [];
  const days = Math.floor((nowMs - addedAtMs) / DAY_MS);
  if (days >= NEW_CUSTOMER_DAYS) return [];
  return [
    {
      id: "new-customer",
      level: "notice",
      title: days < 1 ? "今天新加的客户" : `${days} 天前新加的客户`,
      detail: "先说清你是谁、代表哪家公司、为什么联系，以及如何拒绝。只收集办事需要的信息。",
      clause: "《个人信息保护法》第六条、第十七条；《微信使用手册》“沟通行为规范”",
    },
  ];
}

function otherOwners({ otherOwnerNames: names }: CustomerFacts): PolicyHint[] {
  const [first] = names;
  if (first === undefined) return [];
  const who = names.length === 1 ? first : `${first} 等 ${names.length} 位同事`;
  return [
    {
      id: "other-owners",
      level: "notice",
      title: "这位客户还有同事在跟进",
      detail: `${who}也加了这位客户。报价和承诺先对齐，不争抢客户，不议论同事。`,
      clause: "《微信使用手册》“沟通行为规范”",
    },
  ];
}

function missingRemark({ hasRemark }: CustomerFacts): PolicyHint[] {
  if (hasRemark) return [];
  return [
    {
      id: "missing-remark",
      level: "notice",
      title: "还没有填写备注",
      detail: "按“公司 + 姓名”备注，避免发错人；聊天中的重要信息当天记入客户资料。",
      clause: "《微信使用手册》“重要信息的记录与存档”",
    },
  ];
}

function groupPrivacy({ customerCount, isOwner }: GroupFacts): PolicyHint[] {
  if (customerCount === 0) return [];
  const duty = isOwner ? "你是群主，看到有人发这些内容请及时处理。" : "这类内容请单独联系客户。";
  return [
    {
      id: "group-privacy",
      level: customerCount > 1 ? "caution" : "notice",
      title: customerCount > 1 ? `群里有 ${customerCount} 位客户，互相能看到` : "群里有客户",
      detail: `不发客户的姓名、电话、合同和单独报价，不发内部资料。${duty}`,
      clause: "《个人信息保护法》第十条、第二十五条；《微信使用手册》“保密”",
    },
  ];
}

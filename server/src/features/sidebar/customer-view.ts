import type { CustomerView, GroupView } from "#shared/contract/sidebar";
import type { AddWay } from "../../wecom/add-way.ts";
import type { CustomerGroup } from "../../wecom/customer-contact.ts";
import type { CustomerProfile } from "../customers/customers.service.ts";

const addWays: Record<AddWay, string> = {
  qr_code: "扫二维码",
  phone_search: "搜索手机号",
  card: "名片分享",
  group: "群聊",
  phone_book: "手机通讯录",
  wechat_contact: "微信联系人",
  third_party_app: "第三方应用的客服",
  email: "搜索邮箱",
  channels: "视频号",
  schedule: "日程参与人",
  meeting: "会议参与人",
  wechat_friend: "添加微信好友对应的企业微信",
  hardware: "智慧硬件",
  on_site: "上门服务客服",
  acquisition_link: "获客链接",
  custom_development: "定制开发",
  demand_reply: "需求回复",
  pre_sales: "第三方售前客服",
  possible_partner: "可能的商务伙伴",
  wechat_request: "接受微信账号的好友申请",
  shared_by_colleague: "同事共享",
  assigned_by_admin: "管理员分配",
  unknown: "未知",
};

/** Hosts of WeChat's and WeCom's images, as the pages' policy allows them. */
const IMAGE_HOST = /(^|\.)(qlogo\.cn|qpic\.cn)$/;

/** The customer as the member may see them: their own notes, the colleagues' names, phone numbers masked. */
export function toCustomerView(
  profile: CustomerProfile,
  memberId: string,
  memberNames: ReadonlyMap<string, string>,
): CustomerView {
  const mine = profile.follows.find((follow) => follow.memberId === memberId);
  return {
    id: profile.id,
    name: visible(profile.name),
    isWechat: profile.isWechat,
    corpName: profile.corpName === null ? null : visible(profile.corpName),
    avatarUrl: safeImage(profile.avatarUrl),
    remark: visible(mine?.remark ?? ""),
    description: visible(mine?.description ?? ""),
    tags: (mine?.tags ?? []).map(({ group, name }) => ({
      group: visible(group),
      name: visible(name),
    })),
    mobiles: (mine?.mobiles ?? []).map(maskNumber),
    addedAtMs: mine && mine.addedAtMs > 0 ? mine.addedAtMs : null,
    addWay: addWays[mine?.addWay ?? "unknown"],
    owners: profile.follows.map((follow) => ({
      memberId: follow.memberId,
      name: memberNames.get(follow.memberId) ?? follow.memberId,
      isMe: follow.memberId === memberId,
    })),
    consent: profile.consents[memberId] ?? "unknown",
  };
}

export function toGroupView(
  group: CustomerGroup,
  memberNames: ReadonlyMap<string, string>,
): GroupView {
  return {
    id: group.id,
    name: visible(group.name) || "未命名的群",
    ownerName: memberNames.get(group.ownerId) ?? group.ownerId,
    memberCount: group.memberIds.length + group.customers.length,
    customerCount: group.customers.length,
    // The door to WeCom does not hand the time over yet.
    createdAtMs: group.createdAtMs,
  };
}

/** `138****1234`; of a short number only the beginning. */
export function maskNumber(number: string): string {
  const digits = number.replace(/\D/g, "");
  if (digits.length >= 11) return `${digits.slice(0, -8)}****${digits.slice(-4)}`;
  return `${digits.slice(0, 2)}****`;
}

/** Without characters that cannot be seen or that turn the direction of what follows: names can lie with them. */
export function visible(text: string): string {
  return text
    .replace(/[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, "")
    .replace(/[\p{Cc}]+/gu, " ")
    .trim();
}

/** WeChat hands out `http:` addresses whose hosts speak HTTPS as well. */
function safeImage(address: string | null): string | null {
  if (address === null || !URL.canParse(address)) return null;
  const url = new URL(address);
  const isKnown = /^https?:$/.test(url.protocol) && IMAGE_HOST.test(url.hostname) && !url.port;
  if (!isKnown || url.username !== "") return null;
  url.protocol = "https:";
  return url.href;
}

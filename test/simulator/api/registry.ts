import type { SecretKind } from "../corp.ts";
import type { CallLimit } from "../limits.ts";
import {
  checkRoomAgree,
  checkSingleAgree,
  getChatData,
  getChatMediaData,
  getInternalGroup,
  getPermitUserList,
} from "./archive.ts";
import {
  getCustomer,
  getCustomersByMembers,
  getFollowUserList,
  listCorpTags,
  listCustomers,
  markTags,
  remarkCustomer,
} from "./customers.ts";
import {
  getMember,
  listDepartmentIds,
  listDepartments,
  listMemberIds,
  listMembers,
  listSimpleMembers,
} from "./directory.ts";
import type { Endpoint, Handler } from "./endpoint.ts";
import { getGroupChat, listGroupChats } from "./groups.ts";
import {
  addInterceptRule,
  deleteInterceptRule,
  getInterceptRule,
  listInterceptRules,
  updateInterceptRule,
} from "./intercept-rules.ts";
import { recallMessage, sendMessage, updateCard } from "./messages.ts";
import {
  getAgent,
  getIpList,
  getJsapiTicket,
  getTicket,
  getToken,
  getUserInfo,
  WRONG_SECRETS,
} from "./tokens.ts";

const app = ["app"] as const;
const archive = ["archive"] as const;
const contacts = ["contacts"] as const;
const appOrContacts = ["app", "contacts"] as const;
const anyone = ["app", "archive", "contacts"] as const;

/** Every API that this corp's WeCom has. */
export const endpoints: readonly Endpoint[] = [
  get("/gettoken", "none", getToken),
  get("/get_api_domain_ip", anyone, getIpList),
  get("/getcallbackip", anyone, getIpList),

  get("/get_jsapi_ticket", app, getJsapiTicket),
  get("/ticket/get", app, getTicket),
  get("/auth/getuserinfo", app, getUserInfo),
  get("/agent/get", app, getAgent),

  get("/department/list", appOrContacts, listDepartments),
  get("/department/simplelist", appOrContacts, listDepartmentIds),
  get("/user/get", appOrContacts, getMember),
  get("/user/list", appOrContacts, listMembers),
  get("/user/simplelist", appOrContacts, listSimpleMembers),
  post("/user/list_id", contacts, listMemberIds),

  get("/externalcontact/get_follow_user_list", app, getFollowUserList),
  get("/externalcontact/list", app, listCustomers),
  get("/externalcontact/get", app, getCustomer),
  post("/externalcontact/batch/get_by_user", app, getCustomersByMembers),
  post("/externalcontact/remark", app, remarkCustomer),
  post("/externalcontact/get_corp_tag_list", app, listCorpTags),
  post("/externalcontact/mark_tag", app, markTags),
  post("/externalcontact/groupchat/list", app, listGroupChats),
  post("/externalcontact/groupchat/get", app, getGroupChat),

  post("/externalcontact/add_intercept_rule", app, addInterceptRule),
  get("/externalcontact/get_intercept_rule_list", app, listInterceptRules),
  post("/externalcontact/get_intercept_rule", app, getInterceptRule),
  post("/externalcontact/update_intercept_rule", app, updateInterceptRule),
  post("/externalcontact/del_intercept_rule", app, deleteInterceptRule),

  post("/message/send", app, sendMessage),
  post("/message/update_template_card", app, updateCard),
  post("/message/recall", app, recallMessage),

  post("/msgaudit/get_permit_user_list", archive, getPermitUserList),
  post("/msgaudit/check_single_agree", archive, checkSingleAgree),
  post("/msgaudit/check_room_agree", archive, checkRoomAgree),
  post("/msgaudit/groupchat/get", archive, getInternalGroup),
  post("/message/getchatdata", archive, getChatData),
  post("/message/getchatmediadata", archive, getChatMediaData),
];

/** Limits that are stricter (or laxer) than the corp-wide ones. */
export const publishedLimits: ReadonlyMap<string, Partial<CallLimit>> = new Map([
  ["/get_jsapi_ticket", { perHour: 400 }],
  ["/ticket/get", { perHour: 100 }],
  ["/auth/getuserinfo", { perMinute: Infinity, perHour: Infinity }],
  ["/msgaudit/get_permit_user_list", { perMinute: 1000 }],
  ["/msgaudit/check_single_agree", { perMinute: 2500 }],
  ["/msgaudit/check_room_agree", { perMinute: 1500 }],
  ["/msgaudit/groupchat/get", { perMinute: 2000 }],
  ["/message/getchatdata", { perMinute: 600 }],
  [WRONG_SECRETS, { perHour: 30 }],
]);

function get(path: string, allowed: Endpoint["allowed"], handler: Handler): Endpoint {
  return { path, method: "GET", allowed, handler };
}

function post(path: string, allowed: readonly SecretKind[], handler: Handler): Endpoint {
  return { path, method: "POST", allowed, handler };
}

import { expect, test } from "@jest/globals";
import type {
  ChatMessageView,
  CompanyView,
  ConversationView,
  MemberView,
} from "../../../client-contract.ts";
import { customersIn } from "./customers-in.ts";
import { mergeMessages } from "./merge-messages.ts";
import { messagePreview } from "./message-preview.ts";
import { profileOf } from "./profile.ts";
import { speakerColor } from "./speaker-color.ts";

const message = (id: string, change: Partial<ChatMessageView> = {}): ChatMessageView => ({
  id,
  fromId: "wm1",
  fromName: "半夏",
  fromSide: "customer",
  atMs: 0,
  kind: "text",
  text: "在吗",
  isRecalled: false,
  ...change,
});
const single: ConversationView = {
  id: "single:chenli:wm1",
  kind: "single",
  title: "半夏-企业版",
  origin: "@微信",
  avatarColor: "#111111",
  lastText: "",
  lastAtMs: 0,
  customerId: "wm1",
};
const group: ConversationView = { ...single, id: "group:wr1", kind: "group", title: "交付群" };
delete group.customerId;
const chenli: MemberView = {
  id: "chenli",
  name: "陈丽",
  position: "客户经理",
  department: "销售一部",
  isLeader: false,
  isAdmin: false,
  avatarColor: "#222222",
  conversationCount: 1,
};
const company: CompanyView = {
  corpName: "演示",
  productUrl: "http://localhost",
  departments: [],
  members: [chenli],
};

test("合并后按时间排序、每条一次，新拿到的为准", () => {
  const known = [message("a", { atMs: 1 }), message("b", { atMs: 2 })];
  const fresh = [message("c", { atMs: 3 }), message("a", { atMs: 1, isRecalled: true })];
  const merged = mergeMessages(known, fresh);
  expect(merged.map(({ id, isRecalled }) => [id, isRecalled])).toEqual([
    ["a", true],
    ["b", false],
    ["c", false],
  ]);
});

test("同一毫秒的消息保持到达的先后", () => {
  const merged = mergeMessages([message("x")], [message("y"), message("z")]);
  expect(merged.map((one) => one.id)).toEqual(["x", "y", "z"]);
});

test("单聊里的客户是对方，群里的客户是发过言的客户，各一次", () => {
  expect(customersIn(single, [])).toEqual([{ id: "wm1", name: "半夏-企业版" }]);
  const spoken = [
    message("1"),
    message("2", { fromId: "chenli", fromSide: "member" }),
    message("3"),
    message("4", { fromId: "wm2", fromName: "老周" }),
  ];
  expect(customersIn(group, spoken)).toEqual([
    { id: "wm1", name: "半夏" },
    { id: "wm2", name: "老周" },
  ]);
});

test("列表里的一行：文字不换行，其他类型带标记", () => {
  expect(messagePreview({ kind: "text", text: "好的\n明天见" })).toBe("好的 明天见");
  expect(messagePreview({ kind: "file", text: "报价单.pdf" })).toBe("[文件] 报价单.pdf");
  expect(messagePreview({ kind: "link", text: "[链接] 防骗手册" })).toBe("[链接] 防骗手册");
  expect(messagePreview({ kind: "image", text: "" })).toBe("[图片]");
});

test("头像颜色：成员用自己的，单聊客户用会话的，群里每人固定一种", () => {
  expect(speakerColor({ fromId: "chenli" }, group, [chenli])).toBe("#222222");
  expect(speakerColor({ fromId: "wm1" }, single, [chenli])).toBe("#111111");
  const first = speakerColor({ fromId: "wm1" }, group, []);
  expect(first).toBe(speakerColor({ fromId: "wm1" }, group, []));
  expect(first).not.toBe(speakerColor({ fromId: "wm2" }, group, []));
});

test("资料卡：成员、客户、找不到的人", () => {
  expect(profileOf({ type: 1, userid: "chenli" }, company, [])?.line).toBe("销售一部 · 客户经理");
  expect(profileOf({ type: 2, userid: "wm1" }, company, [single])?.name).toBe("半夏-企业版");
  expect(profileOf({ type: 2, userid: "wm9" }, company, [single])).toBeNull();
  expect(profileOf({ type: 1 }, company, [])).toBeNull();
});

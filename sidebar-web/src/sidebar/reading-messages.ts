/** Every sentence of what a salesperson learns about who read their chats. */
import type { OwnReadings, ReadingKind } from "#shared/contract/reading";

type OwnReading = OwnReadings["readings"][number];

const kinds: Readonly<Record<ReadingKind, string>> = {
  conversation: "查看会话",
  search: "搜索聊天",
  bulk: "获准阅读更多",
  unmask: "查看一处隐藏的信息",
  emergency: "紧急访问",
  evidence: "导出证据包",
};

export const readingText = {
  title: "谁查阅过我的聊天",
  intro: "别人每次查阅都要写明用途，并记在这里。你自己看不算。",
  loading: "正在读取…",
  empty: "还没有人查阅过你的聊天。",
  purpose: "用途",
  more: "查看更早的",
  kinds,
  where(conversation: OwnReading["conversation"]): string {
    if (!conversation) return "能看到的全部会话";
    const { kind, customerName, groupName } = conversation;
    if (kind === "group") return groupName ?? "未命名的群聊";
    if (kind === "internal") return "与同事的聊天";
    return `与${customerName ?? "客户"}的聊天`;
  },
} as const;

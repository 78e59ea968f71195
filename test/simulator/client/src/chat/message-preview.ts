import type { ChatMessageView } from "../../../client-contract.ts";
import { messages } from "../messages.ts";

/** One line that stands for a message in the list: 「[文件] 报价单.pdf」. */
export function messagePreview(message: Pick<ChatMessageView, "kind" | "text">): string {
  if (message.kind === "text") return message.text.replace(/\s+/g, " ").trim();
  return `[${messages.chat.kinds[message.kind]}] ${attachmentName(message.text)}`.trim();
}

/** The name of a file, link or picture, whose text may already say in brackets what it is. */
export function attachmentName(text: string): string {
  return text.replace(/^\[[^\]]*\]/, "").trim();
}

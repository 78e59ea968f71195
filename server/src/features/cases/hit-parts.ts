import type { FindingView, HitPart } from "#shared/contract/rule";
import type { ArchivedMessage } from "../archive/archived-message.ts";
import { clipQuote, maskNumbers } from "./quote.ts";

/** The other messages over which findings are spread. */
export function otherMessagesOf(findings: readonly Pick<FindingView, "elsewhere">[]): number[] {
  return [
    ...new Set(findings.flatMap(({ elsewhere = [] }) => elsewhere.map((one) => one.message))),
  ];
}

/** Those messages in the order of sending; one that has been destroyed is left out. */
export function inOrder(
  findings: readonly Pick<FindingView, "elsewhere">[],
  messages: ReadonlyMap<number, ArchivedMessage>,
): ArchivedMessage[] {
  return otherMessagesOf(findings)
    .flatMap((seq) => messages.get(seq) ?? [])
    .sort((a, b) => a.sentAtMs - b.sentAtMs || a.seq - b.seq);
}

/** Those messages, each with what was found in it. */
export function hitParts(
  findings: readonly FindingView[],
  messages: ReadonlyMap<number, ArchivedMessage>,
  { limit, isMasked }: { limit: number; isMasked: boolean },
): HitPart[] {
  return inOrder(findings, messages).map(({ seq, text, sentAtMs }) => {
    const here = findings.map(({ elsewhere = [], ...finding }) => ({
      ...finding,
      spans: elsewhere
        .filter(({ message }) => message === seq)
        .map(({ start, end, word }) => ({ start, end, word })),
    }));
    const found = here.filter(({ spans }) => spans.length > 0);
    const shown = isMasked ? maskPieces(maskNumbers(text), found) : text;
    const { quote, findings: marked } = clipQuote(shown, found, limit);
    return { quote, marks: marked.map(({ level, spans }) => ({ level, spans })), sentAtMs };
  });
}

/** Pieces of a number are too short to be starred by themselves, and together they are the number. */
function maskPieces(text: string, findings: readonly Pick<FindingView, "spans">[]): string {
  let masked = text;
  for (const { start, end } of findings.flatMap(({ spans }) => spans)) {
    const piece = masked.slice(start, end).replace(/[0-9０-９]/gu, "*");
    masked = masked.slice(0, start) + piece + masked.slice(end);
  }
  return masked;
}

const kindNames: Readonly<Record<string, string>> = {
  image: "图片",
  voice: "语音",
  video: "视频",
  file: "文件",
  link: "链接",
  card: "名片",
  location: "位置",
  emotion: "表情",
  weapp: "小程序",
  redpacket: "红包",
  call: "通话",
  chatrecord: "聊天记录",
  document: "在线文档",
  meeting: "会议",
  channels: "视频号",
  revoke: "撤回了一条消息",
};

/** What stands for a message that says nothing in words. */
export function shownText({ text, kind }: ArchivedMessage): string {
  return text === "" ? `［${kindNames[kind] ?? "消息"}］` : text;
}

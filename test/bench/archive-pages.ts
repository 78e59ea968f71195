import type { KeyObject } from "node:crypto";
import { sealArchiveItem } from "../simulator/crypto/archive-crypto.ts";

/** Items a page, as many as WeCom gives. */
export const PAGE = 1000;

/** Answers to `getchatdata` as JSON texts: page n holds the seqs n × 1,000 + 1 to (n + 1) × 1,000. */
export function makePages(publicKey: KeyObject, count: number): string[] {
  return Array.from({ length: count }, (_, page) => {
    const first = page * PAGE + 1;
    const chatdata = Array.from({ length: PAGE }, (_item, index) =>
      makeItem(publicKey, first + index),
    );
    return JSON.stringify({ errcode: 0, errmsg: "ok", chatdata });
  });
}

export const EMPTY_PAGE = JSON.stringify({ errcode: 0, errmsg: "ok", chatdata: [] });

function makeItem(publicKey: KeyObject, seq: number) {
  const isFromMember = seq % 2 === 0;
  const customer = `wmBench${seq % 500}`;
  const member = `member${seq % 20}`;
  const json = JSON.stringify({
    action: "send",
    from: isFromMember ? member : customer,
    tolist: [isFromMember ? customer : member],
    roomid: "",
    msgtime: 1_760_000_000_000 + seq,
    msgtype: "text",
    text: { content: `第${seq}条：您好，上次说的那款产品资料我已经发您邮箱了，您看看有没有问题？` },
  });
  const sealed = sealArchiveItem(publicKey, json);
  return {
    seq,
    // The id within the message is left out, so that the same sealed texts can stand for other messages.
    msgid: `${seq}_1760000000000_external`,
    publickey_ver: 1,
    encrypt_random_key: sealed.encryptRandomKey,
    encrypt_chat_msg: sealed.encryptChatMsg,
  };
}

/** Endless pages out of few: the sealed texts of a page come again under new seqs and ids. */
export function renumber(page: string, times: number): string {
  const answer = JSON.parse(page) as { chatdata: { seq: number; msgid: string }[] };
  for (const item of answer.chatdata) {
    item.seq += times;
    item.msgid = `${item.seq}_1760000000000_external`;
  }
  return JSON.stringify(answer);
}

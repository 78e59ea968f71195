import type { Company, Conversation, Message } from "./model.ts";

const MINUTE_MS = 60_000;
const EVERY = 15;

/**
 * Puts what people send beside words into every fifteenth conversation with one customer: a picture, a voice, a video,
 * a place, a call, a red packet, a forwarded chat. The words stay as they are.
 */
export function withAttachments(company: Company): Company {
  let number = 0;
  const conversations = company.conversations.map((conversation) => {
    if (conversation.kind !== "single") return conversation;
    number += 1;
    return number % EVERY === 1 ? attach(conversation, Math.floor(number / EVERY)) : conversation;
  });
  return { ...company, conversations };
}

/** In the pause before the last message, or right after it. */
function attach(conversation: Conversation, sample: number): Conversation {
  const { messages, memberId, customerId = "" } = conversation;
  const last = messages.at(-1);
  if (!last) return conversation;
  const added = attachments(memberId, customerId, sample);
  const room = Math.min(last.agoMs / (added.length + 1), MINUTE_MS);
  const sent = added.map((message, index) => ({
    ...message,
    agoMs: Math.round(last.agoMs - room * (index + 1)),
  }));
  return { ...conversation, messages: [...messages, ...sent] };
}

type Attachment = Message extends infer M ? (M extends Message ? Omit<M, "agoMs"> : never) : never;

function attachments(memberId: string, customerId: string, sample: number): Attachment[] {
  const seconds = 3 + (sample % 5);
  const [member, customer] = [{ fromId: memberId }, { fromId: customerId }];
  return [
    { ...customer, kind: "image", text: "[图片]", extra: { sample } },
    { ...customer, kind: "voice", text: `[语音] ${seconds} 秒`, extra: { sample, seconds } },
    { ...member, kind: "video", text: "[视频] 4 秒", extra: { sample, seconds: 4 } },
    { ...member, kind: "raw", text: "[位置] 禾盛汇营业厅", extra: place },
    { ...customer, kind: "raw", text: "[通话] 2 分 35 秒", extra: call },
    { ...member, kind: "raw", text: "[红包] 恭喜发财", extra: redPacket },
    { ...customer, kind: "raw", text: "[聊天记录] 群聊的聊天记录", extra: forwarded },
  ];
}

const item = (type: string, body: object) => ({ type, content: JSON.stringify(body) });

const place = {
  msgtype: "location",
  location: {
    longitude: 113.9365,
    latitude: 22.5329,
    address: "深圳市南山区科苑路 15 号",
    title: "禾盛汇营业厅",
    zoom: 15,
  },
};

const call = { msgtype: "voiptext", info: { callduration: 155, invitetype: 2 } };

const redPacket = {
  msgtype: "external_redpacket",
  redpacket: { type: 1, wish: "恭喜发财", totalcnt: 1, totalamount: 888 },
};

const forwarded = {
  msgtype: "chatrecord",
  chatrecord: {
    title: "群聊的聊天记录",
    item: [
      item("ChatRecordText", { content: "上次说的活动还有吗？" }),
      item("ChatRecordText", { content: "有的，月底前都可以" }),
      item("ChatRecordLink", {
        title: "活动说明",
        description: "报名方式与时间",
        link_url: "https://www.heshenghui.example/articles/2001",
      }),
    ],
  },
};

import type { Random } from "./random.ts";

/** How one person types. Everyone has an own hand, and keeps it for the whole conversation. */
export interface Hand {
  /** Spaces where others put commas, as many do on a phone. */
  hasSpaces: boolean;
  /** 啥 and 咋 for 什么 and 怎么. */
  isCasual: boolean;
  hasHalfWidthMarks: boolean;
  /** How often a message gets an ending (～, 。, an emoji), a filler in front, a slip of the finger. */
  endingRate: number;
  fillerRate: number;
  slipRate: number;
  endings: readonly string[];
}

const plainEndings = ["。", "。", "~", "～", "！"];
/** Fits after a word of assent only: a smile after bad news would be out of place. */
const assentEndings = ["👌", "[OK]", "[抱拳]", "🙏", "[愉快]", "👍", "😊"];
const assent = /^(好|行|可以|收到|OK|嗯|谢|明白|知道|辛苦|没问题|放心)/u;
const sorry = /抱歉|对不起|不好意思|[急亏跌坏慢贵错不没病怎]|投诉|住院/u;
const fillers = ["嗯，", "哦，", "那个，", "嗯 "];
const noFiller = /^(好|行|嗯|哦|啊|对|OK|@|\*|\[|收到|谢|没|可以|哈|您好|你好|在|不|太|\d|[？?])/u;

const slips: readonly [right: string, wrong: string][] = [
  ["下午", "下舞"],
  ["明白", "明百"],
  ["稍等", "稍登"],
  ["多少", "多小"],
  ["时候", "时侯"],
  ["已经", "以经"],
  ["合同", "合通"],
  ["发票", "发漂"],
  ["账号", "帐号"],
  ["一共", "一工"],
  ["地址", "地止"],
  ["大概", "大盖"],
];

export function drawCustomerHand(random: Random): Hand {
  return {
    hasSpaces: random.chance(0.3),
    isCasual: random.chance(0.3),
    hasHalfWidthMarks: random.chance(0.25),
    endingRate: random.pick([0, 0.05, 0.1, 0.25]),
    fillerRate: random.pick([0, 0.04, 0.1]),
    slipRate: random.pick([0, 0.02, 0.06]),
    endings: [random.pick(plainEndings), random.pick(plainEndings)],
  };
}

export function drawMemberHand(random: Random): Hand {
  return {
    hasSpaces: random.chance(0.08),
    isCasual: false,
    hasHalfWidthMarks: random.chance(0.1),
    endingRate: random.pick([0.05, 0.15, 0.3]),
    fillerRate: 0.02,
    slipRate: 0.01,
    endings: [random.pick(["。", "~", "～", "哈"]), "~"],
  };
}

/** The text as this hand types it; a slip of the finger may bring a second message that puts it right. */
export function write(text: string, hand: Hand, random: Random): string[] {
  let written = text;
  if (hand.isCasual) written = written.replaceAll("什么", "啥").replaceAll("怎么", "咋");
  if (random.chance(hand.fillerRate) && !noFiller.test(written) && written.length > 4) {
    written = random.pick(fillers) + written;
  }
  if (random.chance(hand.endingRate)) written += chooseEnding(written, hand, random);
  if (hand.hasSpaces) written = written.replaceAll("，", " ");
  if (hand.hasHalfWidthMarks) written = written.replaceAll("？", "?").replaceAll("！", "!");
  const slip = slips.find(([right]) => written.includes(right));
  if (!slip || !random.chance(hand.slipRate)) return [written];
  const [right, wrong] = slip;
  const slipped = written.replace(right, wrong);
  return random.chance(0.5) ? [slipped, `*${right}`] : [slipped];
}

function chooseEnding(text: string, hand: Hand, random: Random): string {
  if (!/[\p{Script=Han}]$/u.test(text) || /[吗呢不么没]$/u.test(text)) return "";
  if (assent.test(text) && text.length < 14 && random.chance(0.5))
    return random.pick(assentEndings);
  const ending = random.pick(hand.endings);
  const isTooLight = ending === "哈" && (sorry.test(text) || /[哈啦哦嘛吧了]$/u.test(text));
  return isTooLight || (sorry.test(text) && ending !== "。") ? "" : ending;
}

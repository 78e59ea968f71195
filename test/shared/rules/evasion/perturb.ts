/**
 * Spells words as people do who hope not to be found, class by class, from a seed. Its choices come from other
 * sources than the engine's tables, else the benchmark would measure nothing: readings and frequencies from Jun
 * Da's list of characters, splits and look-alikes written by hand, traditional characters by OpenCC's way *to*
 * Taiwan and Hong Kong (the engine folds with its way from there), letters by their blocks in Unicode.
 */
import { createRequire } from "node:module";
import { join } from "node:path";

export type Random = (below: number) => number;

/** A linear congruential generator: the same benchmark every time. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Another spelling of a word, or undefined when the class has none for it. */
export type Perturbation = (word: string, random: Random) => string | undefined;

// The packages have no types, and one of them is CommonJS alone.
const load = createRequire(join(process.cwd(), "package.json"));
const { Converter } = load("opencc-js") as {
  Converter: (options: { from: string; to: string }) => (text: string) => string;
};
const junda = load("hanzi/lib/data/frequencyjunda.txt.js") as string;

const usualCharacters = 3500;
const readingOf = new Map<string, string>();
const bySound = new Map<string, string[]>();
for (const line of junda.split(/\r?\n/).slice(0, usualCharacters)) {
  const [, character = "", , , readings = ""] = line.split("\t");
  const sound = (readings.split("/")[0] ?? "").replace(/\d/g, "").replace("u:", "v");
  if (!/^[a-z]+$/.test(sound)) continue;
  readingOf.set(character, sound);
  bySound.set(sound, [...(bySound.get(sound) ?? []), character]);
}

function pick<T>(list: readonly T[], random: Random): T | undefined {
  return list[random(list.length)];
}

/** Each character by `spell`, which says undefined for one that stays; undefined when all stay. */
function eachCharacter(
  word: string,
  spell: (character: string) => string | undefined,
): string | undefined {
  const spelled = Array.from(word, (character) => spell(character) ?? character).join("");
  return spelled === word ? undefined : spelled;
}

const width: Perturbation = (word, random) =>
  eachCharacter(word, (character) => {
    const upper = random(2) === 0 ? character.toUpperCase() : character.toLowerCase();
    return /[!-~]/.test(character) ? String.fromCharCode(upper.charCodeAt(0) + 0xfee0) : undefined;
  });

const toHongKong = Converter({ from: "cn", to: "hk" });
const toTaiwan = Converter({ from: "cn", to: "tw" });
const traditional: Perturbation = (word, random) => {
  const spelled = random(2) === 0 ? toHongKong(word) : toTaiwan(word);
  return spelled === word ? undefined : spelled;
};

const digitStyles: readonly ((digit: number) => string)[] = [
  (digit) => "⓪①②③④⑤⑥⑦⑧⑨".charAt(digit),
  (digit) => "零壹贰叁肆伍陆柒捌玖".charAt(digit),
  (digit) => "〇一二三四五六七八九".charAt(digit),
  (digit) => String.fromCharCode(0x0660 + digit),
  (digit) => String.fromCharCode(0x2080 + digit),
  (digit) => String.fromCodePoint(0x1d7ce + digit),
  (digit) => String.fromCodePoint(0x1d7ec + digit),
  (digit) => (digit === 0 ? "0" : String.fromCharCode(0x2773 + digit + 2)),
];
const numerals = "零一二三四五六七八九";

function digitOf(character: string): number | undefined {
  const digit = "0123456789".indexOf(character);
  const numeral = numerals.indexOf(character);
  return digit >= 0 ? digit : numeral >= 0 ? numeral : undefined;
}

const digits: Perturbation = (word, random) =>
  eachCharacter(word, (character) => {
    const digit = digitOf(character);
    return digit === undefined ? undefined : pick(digitStyles, random)?.(digit);
  });

const keycaps: Perturbation = (word) =>
  eachCharacter(word, (character) => {
    const digit = digitOf(character);
    return digit === undefined ? undefined : `${digit}\ufe0f\u20e3`;
  });

/** Capitals and small letters that look alike; only those are written so. */
const cyrillic: Readonly<Record<string, string>> = {
  a: "а",
  b: "В",
  c: "с",
  e: "е",
  h: "Н",
  k: "К",
  m: "М",
  o: "О",
  p: "Р",
  t: "Т",
  v: "ѵ",
  x: "Х",
  y: "у",
};
const greek: Readonly<Record<string, string>> = {
  a: "Α",
  b: "Β",
  e: "Ε",
  h: "Η",
  i: "Ι",
  k: "Κ",
  m: "Μ",
  n: "Ν",
  o: "Ο",
  p: "Ρ",
  t: "Τ",
  v: "ν",
  x: "Χ",
  z: "Ζ",
};
const letterStyles: readonly ((letter: number) => string | undefined)[] = [
  (letter) => String.fromCodePoint(0x1d400 + letter),
  (letter) => String.fromCodePoint(0x1d5d4 + letter),
  (letter) => String.fromCodePoint(0x1d670 + letter),
  (letter) => String.fromCodePoint(0x24b6 + letter),
  (letter) => String.fromCodePoint(0x249c + letter),
  (letter) => String.fromCodePoint(0x1f130 + letter),
  (letter) => String.fromCodePoint(0x1f170 + letter),
  (letter) => cyrillic[String.fromCharCode(0x61 + letter)],
  (letter) => greek[String.fromCharCode(0x61 + letter)],
];

const letters: Perturbation = (word, random) =>
  eachCharacter(word, (character) => {
    if (!/[a-z]/i.test(character)) return undefined;
    return pick(letterStyles, random)?.(character.toLowerCase().charCodeAt(0) - 0x61);
  });

const unseen = [
  "\u200b",
  "\u200c",
  "\u200d",
  "\u2060",
  "\ufeff",
  "\u00ad",
  "\u202e",
  "\u180e",
  "\ufe0f",
];
const marks = ["\u0336", "\u0332", "\u0301", "\u0489", "\u20dd", "\u035e", "\u0e49"];

function between(word: string, filler: () => string): string {
  return Array.from(word).join("\u0000").replaceAll("\u0000", filler);
}

const invisible: Perturbation = (word, random) => between(word, () => pick(unseen, random) ?? "");
const combining: Perturbation = (word, random) =>
  Array.from(word, (character) => character + (pick(marks, random) ?? "")).join("");

const fillers =
  " .-_*/|~^♥★☆✿￥$#&@·•丶、，+=😀👍🌹❤️→°".match(/[\s\S][\udc00-\udfff]?\ufe0f?/g) ?? [];
/** One filler all through, as people do it. */
const filled: Perturbation = (word, random) => {
  const filler = pick(fillers, random) ?? "";
  return between(word, () => filler.repeat(1 + random(2)));
};

const repeated: Perturbation = (word, random) =>
  eachCharacter(word, (character) =>
    digitOf(character) === undefined ? character.repeat(1 + random(3)) : undefined,
  );

/** Written by hand as they are seen in chats, with substitutes for parts that no keyboard has. */
const splits: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  `信亻言,イ言,人言 保亻呆,イ呆 私禾厶,禾ム 扣扌口,才口 证讠正,言正 账贝长 转车专 加力口 骗马扁 佣亻用,イ用
  谢讠射 债亻责 给纟合 钱钅戋,金戋 银钅艮,金艮 行彳亍 收丩攵 打扌丁,才丁 投扌殳 提扌是 抽扌由 
  稳禾急 赔贝咅 赚贝兼 费弗贝 贷代贝 货化贝 购贝勾 绝纟色 级纟及 约纟勺 结纟吉 说讠兑 话讠舌 请讠青 认讠人
  诺讠若 诈讠乍 订讠丁 计讠十 记讠己 让讠上 论讠仑 好女子 她女也 妈女马 如女口 婚女昏 他亻也 你亻尔 们亻门
  什亻十 价亻介 假亻叚 优亻尤 代亻弋 体亻本 但亻旦 低亻氐 作亻乍 便亻更 别另刂 利禾刂 到至刂 刷尸巾刂 割害刂
  洗氵先 注氵主 流氵㐬 治氵台 没氵殳 法氵去 活氵舌 清氵青 酒氵酉 汇氵匚 泄氵世 漏氵屚 现王见 理王里 环王不
  班王刂王 珠王朱 根木艮 标木示 样木羊 机木几 权木又 林木木 村木寸 杯木不 材木才 秘禾必 程禾呈 税禾兑 积禾只
  明日月 时日寸 昨日乍 晚日免 暗日音 期其月 朋月月 脱月兑 肥月巴 胖月半 骂口口马 吗口马 吃口乞 呢口尼
  啊口阿 喝口曷 叫口丩 听口斤 唯口隹 吹口欠 员口贝 贿贝有 赂贝各 败贝攵 财贝才 贩贝反 赌贝者 赢亡口月贝凡
  练纟东 线纟戋 经纟圣 续纟卖 维纟隹 缴纟敫 纯纟屯 细纟田 编纟扁 群君羊 取耳又 联耳关 职耳只 聊耳卯 功工力
  动云力 助且力 劝又力 男田力 思田心 息自心 想相心 怎乍心 忘亡心 忍刃心 怒奴心 恐巩心 恶亚心 悬县心 志士心
  意音心 必心丿 微彳山攵 得彳㝵 很彳艮 往彳主 待彳寺 律彳聿 红纟工 纪纟己 包勹巳 返反辶 退艮辶 送关辶 还不辶
  过寸辶 这文辶 进井辶 逼畐辶 迟尺辶 近斤辶 对又寸 观又见 欢又欠 鸡又鸟 难又隹 双又又 科禾斗 和禾口 种禾中 秒禾少
  客宀各 家宀豕 安宀女 实宀头 定宀疋 宝宀玉 密宓山 富宀畐 找扌戈 拍扌白 换扌奂 拉扌立 折扌斤 抵扌氐 担扌旦 拿合手
  掉扌卓 操扌喿 指扌旨 挂扌圭 推扌隹 招扌召 抄扌少 拔扌犮 拖扌㐌 扫扌彐 执扌丸 把扌巴 抱扌包 护扌户 挖扌穵`
    .split(/\s+/)
    .map((entry) => [entry.charAt(0), entry.slice(1).split(",")]),
);

const splitUp: Perturbation = (word, random) =>
  eachCharacter(word, (character) => pick(splits[character] ?? [], random));

function homophoneOf(character: string, random: Random): string | undefined {
  const sound = readingOf.get(character);
  const others = (bySound.get(sound ?? "") ?? []).filter((other) => other !== character);
  return pick(others.slice(0, 8), random);
}

const isChinese = (character: string): boolean => /[\u4e00-\u9fff]/.test(character);

/** One character of the word by `spell`. */
function oneOf(word: string, random: Random, spell: (character: string) => string | undefined) {
  const characters = Array.from(word);
  const places = characters.flatMap((character, at) => (isChinese(character) ? [at] : []));
  const at = pick(places, random) ?? 0;
  const spelled = spell(characters[at] ?? "");
  return spelled === undefined ? undefined : characters.with(at, spelled).join("");
}

/** All characters by `spell`; words of letters and digits have no sound to play with. */
function allOf(word: string, spell: (character: string) => string | undefined) {
  const spelled = Array.from(word, (character) =>
    isChinese(character) ? spell(character) : undefined,
  );
  return spelled.includes(undefined) ? undefined : spelled.join("");
}

/**
 * A word sent in pieces of a character or more, a message each; some begin in a sentence or end in one. What stands
 * around it is `%s`'s sentence. Undefined for a word that cannot be parted.
 */
export function splitOverMessages(
  word: string,
  carrier: string,
  random: Random,
): string[] | undefined {
  const characters = Array.from(word);
  if (characters.length < 2) return undefined;
  const pieces = [characters[0] ?? ""];
  for (const character of characters.slice(1)) {
    const isCut = pieces.length === 1 ? random(2) === 0 : random(3) === 0;
    if (isCut && pieces.length < 5) pieces.push(character);
    else pieces.push((pieces.pop() ?? "") + character);
  }
  if (pieces.length === 1) pieces.splice(0, 1, characters[0] ?? "", characters.slice(1).join(""));
  const [before = "", after = ""] = carrier.split("%s");
  const dress = random(4);
  const last = pieces.length - 1;
  if (dress === 1 || dress === 3) pieces[0] = before + (pieces[0] ?? "");
  if (dress === 2 || dress === 3) pieces[last] = (pieces[last] ?? "") + after;
  return pieces;
}

export const perturbations: Readonly<Record<string, Perturbation>> = {
  全角与大小写: width,
  繁体: traditional,
  数字变体: digits,
  "emoji 数字": keycaps,
  字母变体: letters,
  零宽: invisible,
  组合符: combining,
  间隔符: filled,
  重复: repeated,
  拆字: splitUp,
  "谐音（一字）": (word, random) => oneOf(word, random, (one) => homophoneOf(one, random)),
  "谐音（整词）": (word, random) => allOf(word, (one) => homophoneOf(one, random)),
  "拼音（一字）": (word, random) => oneOf(word, random, (one) => readingOf.get(one)),
  "拼音（整词）": (word, random) => {
    const gap = random(2) === 0 ? " " : "";
    return allOf(word, (one) => `${gap}${readingOf.get(one) ?? ""}`)?.trim();
  },
  首字母: (word) => allOf(word, (one) => readingOf.get(one)?.charAt(0)),
};

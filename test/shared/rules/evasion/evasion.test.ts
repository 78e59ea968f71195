/**
 * The evasion benchmark: how many words of the starter rules are still seen when they are spelled to escape,
 * and how many real messages are wrongly flagged. `EVASION_REPORT=1` prints the table and some that escaped.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compileRules } from "#shared/rules/compile";
import type { MessageSpeaker, VariantStrength } from "#shared/rules/rule";
import { scan } from "#shared/rules/scan";
import { sounds } from "#shared/rules/sound-table";
import { starterRules } from "#shared/rules/starter-rules";
import { makeRule } from "../make-rule.ts";
import { createRandom, perturbations, splitOverMessages } from "./perturb.ts";

/** The starter rules have few letters and digits, which these classes are about. */
const withLetters = makeRule({
  id: "bench.letters",
  words:
    "VIP内部价、QQ转账、ABC证券开户、T0套利、100%保本、3天见效、7天包退、12315、加V、TOP1、NO1、APP返利、P2P理财、ETF内幕、95折私下、免费领U盾".split(
      "、",
    ),
});

const rulesOf = (variants: VariantStrength) =>
  [...starterRules, withLetters].map((rule) => ({ ...rule, variants }));
const compiled = {
  off: compileRules(rulesOf("off")),
  standard: compileRules(rulesOf("standard")),
  strong: compileRules(rulesOf("strong"), { sounds }),
};

const isReported = process.env["EVASION_REPORT"] === "1";
const carriers = ["您放心，%s，可以吗", "%s", "这个%s的事", "好的。%s！谢谢"];
const mostEscaped = 12;

interface Outcome {
  tried: number;
  found: number;
  escaped: string[];
}

function measure(name: string, strength: VariantStrength, least = 2): Outcome {
  const random = createRandom(20261123);
  const perturb = perturbations[name]!;
  const outcome: Outcome = { tried: 0, found: 0, escaped: [] };
  for (const { id, words, speaker } of [...starterRules, withLetters]) {
    const who: MessageSpeaker = speaker === "customer" ? "customer" : "member";
    for (const word of words.filter((one) => Array.from(one).length >= least)) {
      const spelled = perturb(word, random);
      if (spelled === undefined) continue;
      const carrier = carriers[random(carriers.length)]!;
      const text = carrier.replace("%s", () => spelled);
      const isFound = scan(compiled[strength], text, { speaker: who }).some(
        ({ ruleId }) => ruleId === id,
      );
      outcome.tried++;
      if (isFound) outcome.found++;
      else outcome.escaped.push(`${word}=${spelled}`);
    }
  }
  return outcome;
}

function report(name: string, strength: VariantStrength, { tried, found, escaped }: Outcome): void {
  if (!isReported) return;
  const recall = (found / tried).toFixed(3);
  const some = escaped.slice(0, mostEscaped).join(" ");
  process.stdout.write(`${name} | ${strength} | ${found}/${tried} = ${recall} | ${some}\n`);
}

/** Bars of the product's own promise. */
const standardBar = 0.97;
test.each([
  "全角与大小写",
  "繁体",
  "数字变体",
  "emoji 数字",
  "字母变体",
  "零宽",
  "组合符",
  "间隔符",
  "重复",
  "拆字",
])("标准: %s", (name) => {
  for (const strength of ["off", "standard", "strong"] as const) {
    const outcome = measure(name, strength);
    report(name, strength, outcome);
    expect(outcome.tried).toBeGreaterThan(15);
    if (strength !== "off")
      expect(outcome.found / outcome.tried).toBeGreaterThanOrEqual(standardBar);
  }
});

test.each([
  ["谐音（一字）", 2, 0.92],
  ["谐音（整词）", 3, 0.88],
  ["拼音（一字）", 2, 0.88],
  ["拼音（整词）", 2, 0.88],
  ["首字母", 3, 0.88],
])("强: %s, words of at least %i characters", (name, least, bar) => {
  report(`${name} ≥ 2`, "strong", measure(name, "strong"));
  const outcome = measure(name, "strong", least);
  report(`${name} ≥ ${least}`, "strong", outcome);
  expect(outcome.tried).toBeGreaterThan(100);
  expect(outcome.found / outcome.tried).toBeGreaterThanOrEqual(bar);
});

/** As the archive hands them over: each with those that the speaker sent before it, seven seconds apart. */
function scanInTurn(texts: readonly string[], strength: VariantStrength, who: MessageSpeaker) {
  const messages = texts.map((text, id) => ({ id, text, sentAtMs: id * 7000 }));
  return messages.map(({ text, sentAtMs, id }) =>
    scan(compiled[strength], text, { speaker: who, sentAtMs, before: messages.slice(0, id) }),
  );
}

test("强: 拆成几条消息", () => {
  const random = createRandom(20261124);
  const outcome: Outcome = { tried: 0, found: 0, escaped: [] };
  for (const { id, words, speaker } of [...starterRules, withLetters]) {
    for (const word of words) {
      const pieces = splitOverMessages(word, carriers[random(carriers.length)]!, random);
      if (pieces === undefined) continue;
      const texts = ["您好", ...pieces];
      const found = scanInTurn(texts, "strong", speaker === "customer" ? "customer" : "member");
      outcome.tried++;
      if (found.some((findings) => findings.some(({ ruleId }) => ruleId === id))) outcome.found++;
      else outcome.escaped.push(`${word}=${pieces.join("|")}`);
    }
  }
  report("拆成几条消息", "strong", outcome);
  expect(outcome.tried).toBeGreaterThan(100);
  expect(outcome.found / outcome.tried).toBeGreaterThanOrEqual(0.9);
});

/** Ordinary sentences that hold a bad word by chance, product codes, times and prices. */
const innocents = [
  "路口交通管制，请绕行",
  "三黄片每日三次，饭后服用",
  "请确保 本周五前发货",
  "基本 息税前利润看报表",
  "型号 WX-2000，库存 12 315 台",
  "上午10:30到12:15开会",
  "售价¥1,280.00，第二件8折",
  "NBA、CBA 和 KTV 的票都有",
  "wifi 密码是 jxw2026",
  "请问VIP3的会员怎么升级",
  "我加微波炉的团购了",
  "佳佳，信收到了吗",
  "下单后48小时内发货，满100减20",
  "订单号 SZ20261123WZBP88",
];

test.each(innocents)("an innocent sentence passes at 标准 and 强: %s", (text) => {
  for (const speaker of ["member", "customer"] as const) {
    expect(scan(compiled.standard, text, { speaker })).toEqual([]);
    expect(scan(compiled.strong, text, { speaker })).toEqual([]);
  }
});

interface Dialogue {
  id: string;
  turns: { role: "usr" | "sys"; text: string }[];
}

const dialogues = process.env["REAL_DIALOGUES"];
const maybe = dialogues === undefined || dialogues === "" ? test.skip : test;

/** Hits that are right, told by hand: dialogue and turn; 最佳 said in praise of a place. */
const realHits = new Set(["8308:5", "8811:11", "11331:7"]);

/** Sentences beside each other that nobody meant to be one. */
maybe("real dialogues as they follow each other at 强: at most 4 false alarms per 1,000", () => {
  const lines = readFileSync(join(dialogues ?? "", "crosswoz-val.jsonl"), "utf8")
    .trim()
    .split("\n");
  let [messages, alarms] = [0, 0];
  for (const line of lines) {
    const { turns } = JSON.parse(line) as Dialogue;
    for (const role of ["usr", "sys"] as const) {
      const texts = turns.filter((turn) => turn.role === role).map(({ text }) => text);
      const found = scanInTurn(texts, "strong", role === "usr" ? "customer" : "member");
      messages += texts.length;
      const spread = found.flat().filter(({ elsewhere }) => elsewhere !== undefined);
      alarms += spread.length;
      if (isReported && spread.length > 0) process.stdout.write(`${JSON.stringify(spread)}\n`);
    }
  }
  if (isReported) process.stdout.write(`spread over messages: ${alarms} of ${messages}\n`);
  expect((alarms / messages) * 1000).toBeLessThanOrEqual(4);
});

maybe.each([
  ["standard", 2],
  ["strong", 4],
] as const)(
  "real dialogues (REAL_DIALOGUES) at %s: at most %i false alarms per 1,000",
  (strength, most) => {
    const lines = readFileSync(join(dialogues ?? "", "crosswoz-val.jsonl"), "utf8")
      .trim()
      .split("\n");
    let [messages, alarms] = [0, 0];
    for (const line of lines) {
      const { id, turns } = JSON.parse(line) as Dialogue;
      for (const [turn, { role, text }] of turns.entries()) {
        messages++;
        if (realHits.has(`${id}:${turn}`)) continue;
        const found = scan(compiled[strength], text, {
          speaker: role === "usr" ? "customer" : "member",
        });
        if (found.length > 0) alarms++;
        if (isReported && found.length > 0) {
          const spans = found.flatMap((one) =>
            one.spans.map(({ word }) => `${one.ruleId}/${word}`),
          );
          process.stdout.write(`${strength} ${id}:${turn} ${spans.join(" ")} | ${text}\n`);
        }
      }
    }
    expect(messages).toBeGreaterThan(1000);
    expect((alarms / messages) * 1000).toBeLessThanOrEqual(most);
  },
);

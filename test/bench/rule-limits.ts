/** What compiling costs at the engine's limits, and what looking costs beside the decryption of a message. */
import { generateKeyPairSync } from "node:crypto";
import { serializeRules } from "#shared/rules/compile";
import { loadRules } from "#shared/rules/compiled-rules";
import type { Rule, VariantStrength } from "#shared/rules/rule";
import { scan } from "#shared/rules/scan";
import { sounds } from "#shared/rules/sound-table";
import { starterRules } from "#shared/rules/starter-rules";
import { valueKinds } from "#shared/rules/value-span";
import { cpuMicrosSince, createKeyMeter } from "./cpu-time.ts";
import { makeTexts, makeWords, median, toRule } from "./rules.ts";

const rounds = 5;
/** Before anything is measured: a server has looked at more messages since it was started. */
const warmingRounds = 5;

export interface CompileFigure {
  words: number;
  variants: VariantStrength;
  compileMs: number;
  loadMs: number;
  megabytes: number;
}

function measureCompile(count: number, variants: VariantStrength): CompileFigure {
  const rules = [toRule(makeWords(count), variants)];
  const compile: number[] = [];
  const load: number[] = [];
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    const buffer = serializeRules(rules, { sounds });
    const compiledAt = performance.now();
    loadRules(buffer);
    compile.push(compiledAt - startedAt);
    load.push(performance.now() - compiledAt);
    bytes = buffer.byteLength;
  }
  return {
    words: count,
    variants,
    compileMs: median(compile),
    loadMs: median(load),
    megabytes: bytes / 2 ** 20,
  };
}

/** One rule for each kind of value, and conditions of each form. */
export function conditionRules(): Rule[] {
  const values = valueKinds.map((value): Rule => ({
    ...toRule([], "off"),
    id: `bench.${value}`,
    condition: {
      kind: "near",
      within: 20,
      isOrdered: false,
      of: [
        { kind: "value", value },
        { kind: "words", words: ["转给我", "发我一下"] },
      ],
    },
  }));
  const said: Rule = {
    ...toRule(["返点"], "standard"),
    id: "bench.said",
    condition: {
      kind: "all",
      of: [
        { kind: "words", words: null },
        { kind: "not", of: { kind: "words", words: ["没有返点", "不给返点"] } },
        { kind: "count", atLeast: 1, of: { kind: "value", value: "amount" } },
      ],
    },
  };
  return [...values, said];
}

/** Messages in which now and then a number stands, as in life. */
export function makeMessages(words: readonly string[]): string[] {
  const numbers = [
    "13800138000",
    "6222 0212 3456 7890 123",
    "共 1,280.00 元",
    "https://example.com",
  ];
  return makeTexts(words, 10_000).map((text, index) =>
    index % 25 === 0 ? `${text}${numbers[(index / 25) % numbers.length] ?? ""}` : text,
  );
}

/** Messages a second ÷ private RSA-2048 operations a second, by the processor's time, in turns. */
export function measureBesideRsa(): number {
  const words = makeWords(10_000);
  const rules = [
    ...starterRules.map((rule): Rule => ({ ...rule, variants: "standard" })),
    ...conditionRules(),
    toRule(words, "standard"),
  ];
  const compiled = loadRules(serializeRules(rules, { sounds }));
  const messages = makeMessages(words);
  const rsaMicros = createKeyMeter(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey);
  const scanAll = (): void => {
    for (const text of messages) scan(compiled, text, { speaker: "member" });
  };
  for (let round = 0; round < warmingRounds; round++) scanAll();
  const ratios = Array.from({ length: rounds }, () => {
    const before = process.cpuUsage();
    scanAll();
    const scanMicros = cpuMicrosSince(before) / messages.length;
    return rsaMicros() / scanMicros;
  });
  return median(ratios);
}

export function benchRuleLimits(): void {
  process.stdout.write("Rules at their limits\n");
  for (const [count, variants] of [
    [10_000, "strong"],
    [100_000, "standard"],
  ] as const) {
    const { compileMs, loadMs, megabytes } = measureCompile(count, variants);
    process.stdout.write(
      `  ${count} words, ${variants}: compiled in ${compileMs.toFixed(0)} ms, ${megabytes.toFixed(1)} MB, ` +
        `loaded in ${loadMs.toFixed(1)} ms\n`,
    );
  }
  process.stdout.write(
    `  starter rules, every kind of value, conditions and 10000 words, standard: ` +
      `${measureBesideRsa().toFixed(0)} messages in the time of one RSA-2048 private operation\n`,
  );
}

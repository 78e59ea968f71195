/**
 * The rule engine beside the fastest engines of the package registry: all overlapping words with their places,
 * on the same texts in the same run, every answer checked against a naive search. Only ratios mean something.
 */
import { createRequire } from "node:module";
import { compileRules } from "#shared/rules/compile";
import { bufferOf, loadRules } from "#shared/rules/compiled-rules";
import { foldText } from "#shared/rules/fold";
import { loosenWord } from "#shared/rules/loose-word";
import type { Rule, VariantStrength } from "#shared/rules/rule";
import { scan } from "#shared/rules/scan";
import { sounds } from "#shared/rules/sound-table";

const require = createRequire(import.meta.url);

/** A search: the number of matches, and a digest of where they are. */
type Search = (text: string) => { count: number; places: number };

export interface RulesFigure {
  words: number;
  engine: string;
  nsPerUnit: number;
  compileMs: number;
  /** The fastest peer's time ÷ this one's: above 1 is faster. */
  timesFastestPeer: number;
  /** The floor's time ÷ this one's: the floor sums one table look-up a unit. */
  timesFloor: number;
  /** Matches for each thousand texts. */
  matchesPerThousand: number;
}

const rounds = 9;
/** Of the texts with a word, before anything is measured: a server has met more than these since it was started. */
const warmingRounds = 100;
const checkedTexts = 400;
/** One text in so many has a word of the list. */
const textsPerWord = 100;

/** A small linear congruential generator: the same corpus in every run. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const ordinary =
  "您好请问这款产品还有现货吗我们今天下午可以安排发货价格按照合同上写的为准稍后把资料发给您看看客户公司项目时间明天上午开会讨论方案报价单已经更新谢谢支持如果有问题随时联系我这边会尽快处理麻烦提供一下地址电话以及收件人姓名数量颜色尺寸型号都可以选择质量保证售后服务一年内免费维修";
const marks = "，。！？ ";

/** All alike, so that none stands inside another: that would not count for us, as it cuts a word. */
const latinLength = 7;

export function makeWords(count: number): string[] {
  const random = createRandom(7);
  const words = new Set<string>();
  while (words.size < count) {
    const length = 2 + random(4);
    let word = "";
    if (random(10) === 0) {
      for (let at = 0; at < latinLength; at++) word += String.fromCharCode(0x61 + random(26));
    } else {
      for (let at = 0; at < length; at++) {
        // Seldom one of the texts' own, so that about one text in a hundred has a word, as in life.
        word +=
          at === 0 || random(12) > 0
            ? String.fromCharCode(0x4e00 + random(3500))
            : (ordinary[random(ordinary.length)] ?? "");
      }
    }
    // The peers fold nothing, so only words that folding leaves alone can be compared.
    const isPlain = foldText(word).text === word && loosenWord(word).units === word;
    if (isPlain && !ordinary.includes(word)) words.add(word);
  }
  return [...words];
}

/**
 * Messages of 5 to 200 units, most of them short, as people write them; one in a hundred has a word of the list. They
 * are in one piece in memory, as what comes out of JSON is, and not the chains of pieces that putting together leaves.
 */
export function makeTexts(words: readonly string[], count: number): string[] {
  const random = createRandom(11);
  const texts = Array.from({ length: count }, (_, index) => {
    const length = 5 + random(random(5) === 0 ? 195 : 75);
    let text = "";
    while (text.length < length) {
      const start = random(ordinary.length - 8);
      text +=
        ordinary.slice(start, start + 2 + random(7)) +
        (random(3) === 0 ? (marks[random(marks.length)] ?? "") : "");
    }
    return index % textsPerWord === 0 ? text + (words[random(words.length)] ?? "") : text;
  });
  return JSON.parse(JSON.stringify(texts)) as string[];
}

export function toRule(words: readonly string[], variants: VariantStrength): Rule {
  return {
    id: "bench",
    title: "bench",
    category: "bench",
    level: "notice",
    speaker: "either",
    words,
    exceptions: [],
    clause: "",
    reason: "",
    suggestion: "",
    revision: 1,
    isConfidential: false,
    variants,
  };
}

const nothing = { count: 0, places: 0 };

/** One number for where the matches are, alike for all engines. */
function digest<T>(
  matches: readonly T[],
  placeOf: (match: T) => readonly [start: number, length: number],
): { count: number; places: number } {
  if (matches.length === 0) return nothing;
  let places = 0;
  for (const match of matches) {
    const [start, length] = placeOf(match);
    places += Math.imul(start + 1, 31) + length;
  }
  return { count: matches.length, places };
}

function ours(words: readonly string[], variants: VariantStrength): Search {
  const compiled = compileRules([toRule(words, variants)], { sounds });
  const member = { speaker: "member" } as const;
  return (text) => {
    const [finding] = scan(compiled, text, member);
    return finding === undefined
      ? nothing
      : digest(finding.spans, ({ start, end }) => [start, end - start]);
  };
}

function monyone(words: readonly string[]): Search {
  // The package's types are not exported for CommonJS users of a subpath.
  const { AhoCorasick } = require("@monyone/aho-corasick/fast") as {
    AhoCorasick: new (words: readonly string[]) => {
      matchInText: (text: string) => { begin: number; end: number }[];
    };
  };
  const engine = new AhoCorasick(words);
  return (text) => digest(engine.matchInText(text), ({ begin, end }) => [begin, end - begin]);
}

function fastscan(words: readonly string[]): Search {
  const loaded = require("fastscan") as { default?: unknown };
  const Scanner = (loaded.default ?? loaded) as new (words: readonly string[]) => {
    search: (text: string) => [number, string][];
  };
  const engine = new Scanner(words);
  return (text) => digest(engine.search(text), ([start, word]) => [start, word.length]);
}

/** Gives the words it found, without places and without overlaps: counted only for its speed. */
function mintFilter(words: readonly string[]): Search {
  const loaded = require("mint-filter") as { default?: unknown };
  const Mint = (loaded.default ?? loaded) as new (words: readonly string[]) => {
    filter: (text: string, options: { replace: boolean }) => { words: string[] };
  };
  const engine = new Mint(words);
  return (text) => ({ count: engine.filter(text, { replace: false }).words.length, places: 0 });
}

function floor(): Search {
  const table = Uint16Array.from({ length: 0x10000 }, (_, unit) => unit ^ 0x5555);
  return (text) => {
    let sum = 0;
    for (let at = 0; at < text.length; at++) sum += table[text.charCodeAt(at)] ?? 0;
    return { count: 0, places: sum };
  };
}

function naive(words: readonly string[]): Search {
  return (text) =>
    digest(
      words.flatMap((word) => {
        const found: (readonly [number, number])[] = [];
        for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
          found.push([at, word.length]);
        }
        return found;
      }),
      (place) => place,
    );
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

interface Contestant {
  readonly engine: string;
  readonly make: () => Search;
  /** Must find exactly what the naive search finds. */
  readonly isExact: boolean;
  readonly isPeer: boolean;
}

function contestantsFor(words: readonly string[]): Contestant[] {
  const peer = { isExact: true, isPeer: true };
  return [
    { engine: "floor", make: floor, isExact: false, isPeer: false },
    { engine: "@monyone/aho-corasick/fast", make: () => monyone(words), ...peer },
    { engine: "fastscan", make: () => fastscan(words), ...peer },
    { engine: "mint-filter", make: () => mintFilter(words), isExact: false, isPeer: true },
    {
      engine: "ours, exact (关)",
      make: () => ours(words, "off"),
      isExact: true,
      isPeer: false,
    },
    {
      engine: "ours, standard",
      make: () => ours(words, "standard"),
      isExact: false,
      isPeer: false,
    },
    { engine: "ours, strong", make: () => ours(words, "strong"), isExact: false, isPeer: false },
  ];
}

function check(
  words: readonly string[],
  texts: readonly string[],
  contestant: Contestant,
  search: Search,
): void {
  if (!contestant.isExact) return;
  const reference = naive(words);
  for (let at = 0; at < texts.length; at += Math.ceil(texts.length / checkedTexts)) {
    const text = texts[at] ?? "";
    const [found, expected] = [search(text), reference(text)];
    if (found.count !== expected.count || found.places !== expected.places) {
      throw new Error(`${contestant.engine} disagrees with the naive search on ${text}`);
    }
  }
}

function measure(words: readonly string[], texts: readonly string[]): RulesFigure[] {
  const units = texts.reduce((sum, text) => sum + text.length, 0);
  const runs = contestantsFor(words).map((contestant) => {
    const before = performance.now();
    const search = contestant.make();
    const compileMs = performance.now() - before;
    check(words, texts, contestant, search);
    return { contestant, search, compileMs, ns: [] as number[], matches: 0 };
  });
  const telling = texts.filter((_, index) => index % textsPerWord === 0);
  for (let round = 0; round < warmingRounds; round++) {
    for (const { search } of runs) for (const text of telling) search(text);
  }
  // In turns and by the processor's time, so that a busy machine slows all of them alike.
  for (let round = 0; round <= rounds; round++) {
    for (const run of runs) {
      const { search, ns } = run;
      const before = process.cpuUsage();
      let found = 0;
      for (const text of texts) found += search(text).count;
      const { user, system } = process.cpuUsage(before);
      if (round > 0) ns.push(((user + system) * 1e3) / units);
      run.matches = found;
    }
  }
  const floorNs = median(runs[0]?.ns ?? []);
  const peerNs = Math.min(
    ...runs.filter(({ contestant }) => contestant.isPeer).map(({ ns }) => median(ns)),
  );
  return runs.map(({ contestant, ns, compileMs, matches }) => {
    const nsPerUnit = median(ns);
    return {
      words: words.length,
      engine: contestant.engine,
      nsPerUnit,
      compileMs,
      timesFastestPeer: peerNs / nsPerUnit,
      timesFloor: floorNs / nsPerUnit,
      matchesPerThousand: (matches * 1000) / texts.length,
    };
  });
}

/** Time to use a compiled buffer of so many words, in milliseconds, and its size. */
function measureLoad(words: readonly string[], variants: VariantStrength): string {
  const buffer = bufferOf(compileRules([toRule(words, variants)], { sounds }));
  const times = Array.from({ length: rounds }, () => {
    const before = performance.now();
    loadRules(buffer);
    return performance.now() - before;
  });
  return `${median(times).toFixed(1)} ms, ${(buffer.byteLength / 2 ** 20).toFixed(1)} MB`;
}

export function benchRules(sizes: readonly number[] = [1000, 10_000, 100_000]): RulesFigure[] {
  const figures: RulesFigure[] = [];
  for (const size of sizes) {
    const words = makeWords(size);
    process.stdout.write(`Rules, ${size} words\n`);
    for (const figure of measure(words, makeTexts(words, 20_000))) {
      figures.push(figure);
      process.stdout.write(
        `  ${figure.engine.padEnd(28)} ${figure.nsPerUnit.toFixed(1).padStart(7)} ns/unit  ` +
          `${figure.timesFastestPeer.toFixed(2).padStart(6)} × fastest peer  ` +
          `${figure.timesFloor.toFixed(2)} × floor  compiled in ${figure.compileMs.toFixed(0)} ms, ` +
          `${figure.matchesPerThousand.toFixed(1)} matches per 1,000 texts\n`,
      );
    }
    for (const variants of ["standard", "strong"] as const) {
      process.stdout.write(`  loading ${variants}: ${measureLoad(words, variants)}\n`);
    }
  }
  return figures;
}

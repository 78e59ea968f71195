import { ruleLevels } from "#shared/rules/rule";
import type { RuleLevel } from "#shared/rules/rule";
import type { Finding } from "#shared/rules/scan";
import type { FoundMessage } from "../archive/rule-scan.ts";
import { readMark } from "./marked-rules.ts";

/** Hits: only with the draft, only as published, with both. Of a look-back: stored now, never, known before. */
export type Overlap = [added: number, gone: number, same: number];

/** A hit that was drawn; those with the smallest keys stay. */
export interface Drawn {
  key: number;
  seq: number;
  ruleId: string;
}

/** What a scan has counted. Nothing of what people said is in it. */
export interface Tally {
  erased: number;
  failed: number;
  /** Messages that hit, as published and with the draft. */
  messages: [before: number, after: number];
  hits: Overlap;
  /** By the number of the day in Asia/Shanghai. */
  days: Record<string, Overlap>;
  /** "" stands for all who have been destroyed. */
  people: Record<string, Overlap>;
  rules: Record<string, Overlap>;
  /** Rule → word as the rule spells it; "" stands for all that is no word of the rule. */
  words: Record<string, Record<string, Overlap>>;
  /** Manager → day → cases that would come to them with a card, as published and with the draft. */
  alerts: Record<string, Record<string, [before: number, after: number]>>;
  /** Of what the draft finds, and of what only the draft finds. */
  samples: { all: Drawn[]; added: Drawn[] };
}

export interface TallyContext {
  seed: number;
  day: number;
  managerIds: readonly string[];
  /** Whether it is a word of that rule. */
  isWord(ruleId: string, word: string): boolean;
}

export const SAMPLE_SIZE = 20;
/** Beyond these words are counted together. */
const WORDS_A_RULE = 500;

export function emptyTally(): Tally {
  return {
    erased: 0,
    failed: 0,
    messages: [0, 0],
    hits: [0, 0, 0],
    days: {},
    people: {},
    rules: {},
    words: {},
    alerts: {},
    samples: { all: [], added: [] },
  };
}

interface Pair {
  before?: Finding;
  after?: Finding;
}

/** Counts one message with what the marked rules found in it. */
export function tallyMessage(tally: Tally, found: FoundMessage, context: TallyContext): void {
  const pairs = pairsOf(found.findings);
  for (const [ruleId, pair] of pairs) {
    const kind = kindOf(pair.before, pair.after);
    count(tally, { ruleId, kind, day: context.day, memberId: found.memberId });
    for (const [word, wordKind] of wordsOf(pair, (word) => context.isWord(ruleId, word))) {
      countWord(entryOf(tally.words, ruleId, {}), word, wordKind);
    }
    if (!pair.after) continue;
    const drawn = { key: keyOf(context.seed, found.seq, ruleId), seq: found.seq, ruleId };
    draw(tally.samples.all, drawn);
    if (kind === ADDED) draw(tally.samples.added, drawn);
  }
  const [before, after] = ["before" as const, "after" as const].map((side) =>
    [...pairs.values()].flatMap((pair) => pair[side]?.level ?? []),
  );
  tally.messages[0] += before?.length ? 1 : 0;
  tally.messages[1] += after?.length ? 1 : 0;
  const alarms = [isAlarming(before), isAlarming(after)];
  if (!alarms.includes(true)) return;
  for (const managerId of context.managerIds) {
    const days = entryOf(tally.alerts, managerId, {});
    const load = entryOf<[number, number]>(days, String(context.day), [0, 0]);
    load[0] += alarms[0] ? 1 : 0;
    load[1] += alarms[1] ? 1 : 0;
  }
}

function entryOf<T>(record: Record<string, T>, key: string, empty: T): T {
  // Words and people may be called as every object's own parts are.
  const known = Object.hasOwn(record, key) ? record[key] : undefined;
  if (known !== undefined) return known;
  Object.defineProperty(record, key, {
    value: empty,
    enumerable: true,
    writable: true,
    configurable: true,
  });
  return empty;
}

/** Counts one hit. */
export function count(
  tally: Tally,
  hit: { ruleId: string; kind: OverlapKind; day: number; memberId: string },
): void {
  const entries = [
    tally.hits,
    entryOf<Overlap>(tally.days, String(hit.day), [0, 0, 0]),
    entryOf<Overlap>(tally.people, hit.memberId, [0, 0, 0]),
    entryOf<Overlap>(tally.rules, hit.ruleId, [0, 0, 0]),
  ];
  for (const entry of entries) entry[hit.kind] += 1;
}

/** Leaves the numbers and takes the person out; false when they were not in it. */
export function forgetPerson(tally: Tally, personId: string): boolean {
  const isManager = Object.hasOwn(tally.alerts, personId);
  if (isManager) Reflect.deleteProperty(tally.alerts, personId);
  const known = Object.hasOwn(tally.people, personId) ? tally.people[personId] : undefined;
  if (known === undefined || personId === DESTROYED) return isManager;
  const sum = entryOf<Overlap>(tally.people, DESTROYED, [0, 0, 0]);
  for (const kind of [ADDED, GONE, SAME]) sum[kind] += known[kind];
  Reflect.deleteProperty(tally.people, personId);
  return true;
}

/** Counted on from one who was destroyed meanwhile, and of whom `now` knows no more. */
export function forgetWhoWent(tally: Tally, before: Tally, now: Tally): void {
  for (const part of ["people", "alerts"] as const) {
    for (const id of Object.keys(before[part])) {
      if (!Object.hasOwn(now[part], id)) forgetPerson(tally, id);
    }
  }
}

const DESTROYED = "";

export const [ADDED, GONE, SAME] = [0, 1, 2] as const;
export type OverlapKind = typeof ADDED | typeof GONE | typeof SAME;

function kindOf(before: unknown, after: unknown): OverlapKind {
  if (before !== undefined && after !== undefined) return SAME;
  return after === undefined ? GONE : ADDED;
}

function pairsOf(findings: readonly Finding[]): Map<string, Pair> {
  const pairs = new Map<string, Pair>();
  for (const finding of findings) {
    const { mark, ruleId } = readMark(finding.ruleId);
    const pair = pairs.get(ruleId) ?? {};
    if (mark !== "+") pair.before = finding;
    if (mark !== "-") pair.after = finding;
    pairs.set(ruleId, pair);
  }
  return pairs;
}

function wordsOf(pair: Pair, isWord: (word: string) => boolean): [string, OverlapKind][] {
  const in_ = (finding: Finding | undefined): Set<string> | undefined =>
    finding &&
    new Set(
      [...finding.spans, ...(finding.elsewhere ?? [])].map(({ word }) =>
        // A number or a link that was found is what somebody said.
        isWord(word) ? word : "",
      ),
    );
  const [before, after] = [in_(pair.before), in_(pair.after)];
  return [...new Set([...(before ?? []), ...(after ?? [])])].map((word) => [
    word,
    kindOf(before?.has(word) || undefined, after?.has(word) || undefined),
  ]);
}

function countWord(words: Record<string, Overlap>, word: string, kind: OverlapKind): void {
  const isKnown = Object.hasOwn(words, word) || Object.keys(words).length < WORDS_A_RULE;
  entryOf<Overlap>(words, isKnown ? word : "", [0, 0, 0])[kind] += 1;
}

/** What is no more than a notice pushes no card. */
function isAlarming(levels: readonly RuleLevel[] = []): boolean {
  return levels.some((level) => level !== ruleLevels[0]);
}

/**
 * Keeps those with the smallest keys: a uniform sample that does not depend on the order in which messages come, nor
 * on how often the scan was broken off.
 */
function draw(kept: Drawn[], drawn: Drawn): void {
  const at = kept.findIndex(({ key }) => key > drawn.key);
  kept.splice(at < 0 ? kept.length : at, 0, drawn);
  if (kept.length > SAMPLE_SIZE) kept.pop();
}

/** A number that looks random and is the same each time: FNV-1a, then mixed. */
export function keyOf(seed: number, seq: number, ruleId: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (const character of `${seq}:${ruleId}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0;
  return (hash ^ (hash >>> 16)) >>> 0;
}

export function seedOf(id: string): number {
  return keyOf(0, 0, id);
}

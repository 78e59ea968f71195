import { compileRules } from "#shared/rules/compile";
import type { CompiledRules } from "#shared/rules/compile";
import type { MessageFacts } from "#shared/rules/facts";
import type { Rule } from "#shared/rules/rule";
import { reachOf } from "#shared/rules/rule-reach";
import type { RuleReach } from "#shared/rules/rule-reach";
import { mayHitAlone, scan } from "#shared/rules/scan";
import type { Finding } from "#shared/rules/scan";
import { sounds } from "#shared/rules/sound-table";
import { isWorkingTime } from "#shared/working-calendar";
import type { WorkingCalendar } from "#shared/working-calendar";
import { readArchiveMessage } from "../../wecom/archive-message.ts";
import { describeMessage, speakerOf } from "./archived-message.ts";
import type { SenderKind } from "./archived-message.ts";
import { createSpeakerLines } from "./speaker-lines.ts";
import type { SpeakerLines } from "./speaker-lines.ts";
import { textOfJson } from "./text-of-json.ts";

/**
 * Stored messages gone through with rules as new ones are at ingest: with the same messages around them and the same
 * facts about them. Runs in a worker thread, which has opened the messages.
 */

/** What rules may ask of people; of a set that asks for neither both are empty. */
export interface PeopleFacts {
  /** Member → their departments with all above them. */
  departments: ReadonlyMap<string, readonly number[]>;
  /** Customer → tags; missing when nobody has looked at the customer yet. */
  tags: ReadonlyMap<string, readonly string[]>;
}

export interface RuleScanContext extends PeopleFacts {
  calendar: WorkingCalendar;
}

/** A message that hits. */
export interface FoundMessage {
  seq: number;
  sentAtMs: number;
  conversationId: string;
  /** Whose conversation it is. */
  memberId: string;
  customerId: string | null;
  roomId: string | null;
  speaker: "member" | "customer";
  findings: Finding[];
}

/** A message as it lies in the table: of `historyColumns`. */
export type HistoryRow = readonly [seq: number, sentAtMs: number, body: Buffer];

/** Who said it where: of `partiesColumns`. */
export type PartiesRow = readonly [
  seq: number,
  conversationId: string,
  senderId: string,
  senderKind: SenderKind,
  memberId: string | null,
  customerId: string | null,
  roomId: string | null,
  action: string,
  ordinal: number,
];

/** For a row `m` of the table `message`. */
export const historyColumns = "m.seq, m.sent_at_ms, m.body";
export const partiesColumns = `m.seq, m.conversation_id, m.sender_id, m.sender_kind, m.member_id, m.customer_id,
  m.room_id, m.action, m.ordinal`;

/** Rules that a thread is ready to look for. */
export interface LoadedRules {
  /** More than one only when together they are more than the engine takes. */
  sets: readonly CompiledRules[];
  reach: RuleReach;
}

export function loadRuleSet(lists: readonly (readonly Rule[])[]): LoadedRules {
  const reach = reachOf(lists.flat());
  try {
    return { sets: [compileRules(lists.flat(), { sounds })], reach };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { sets: lists.map((rules) => compileRules(rules, { sounds })), reach };
  }
}

/** What is looked up in the table, for the few messages that need it. */
export interface HistoryLookUps {
  /** Who of us spoke last there before `seq`. */
  lastMemberIn(conversationId: string, seq: number): Promise<string | null>;
  sentAtMsOf(msgId: string): Promise<number | null>;
}

export interface ScannedPortion {
  found: FoundMessage[];
  /** How many of the portion nobody can read any more. */
  erased: number;
  /** How many the engine failed at. */
  failed: number;
}

export interface PortionWork {
  rules: LoadedRules;
  context: RuleScanContext;
  /** The bytes of a row's JSON; null when it was destroyed on purpose. */
  open: (row: HistoryRow) => Buffer | null;
  partiesOf: (seqs: readonly number[]) => Promise<Map<number, PartiesRow>>;
  lookUps: HistoryLookUps;
}

/** A message that may hit. */
interface Candidate {
  seq: number;
  sentAtMs: number;
  json: Buffer;
  text: string;
}

/** `around` are messages beside the portion; without rules that look beyond one message there are none. */
export async function scanPortion(
  rows: readonly HistoryRow[],
  around: readonly HistoryRow[],
  work: PortionWork,
): Promise<ScannedPortion> {
  const { rules } = work;
  const { widest } = rules.reach;
  // A text at which the engine fails is looked at once more, and counted there.
  const mayHit = (text: string): boolean => {
    if (widest !== undefined) return true;
    try {
      return rules.sets.some((set) => mayHitAlone(set, text));
    } catch {
      return true;
    }
  };
  const outcome: ScannedPortion = { found: [], erased: 0, failed: 0 };
  const candidates: Candidate[] = [];
  // In a loop: this runs for every message of the history.
  for (const row of rows) {
    const opened = openRow(row, work);
    if (opened === null) outcome.erased += 1;
    else if (mayHit(opened.text)) candidates.push(opened);
  }
  const others = around.flatMap((row) => openRow(row, work) ?? []);
  const known = [...candidates, ...others];
  if (known.length === 0) return outcome;
  const parties = await work.partiesOf(known.map(({ seq }) => seq));
  const lines = widest && createSpeakerLines(widest);
  for (const one of lines ? known : []) addToLine(lines, one, parties.get(one.seq));
  lines?.close();
  for (const one of candidates) {
    const row = parties.get(one.seq);
    // What a robot says is no one's conduct.
    if (!row || row[3] === "robot") continue;
    try {
      const found = await scanOne(one, row, { ...work, lines });
      if (found) outcome.found.push(found);
    } catch {
      outcome.failed += 1;
    }
  }
  return outcome;
}

function openRow(row: HistoryRow, { open }: PortionWork): Candidate | null {
  const json = open(row);
  return json && { seq: row[0], sentAtMs: row[1], json, text: textOfJson(json) };
}

function addToLine(lines: SpeakerLines | undefined, one: Candidate, row?: PartiesRow): void {
  if (!row || !isSaid(row)) return;
  const { seq, sentAtMs, text } = one;
  lines?.add(speakerIn(row), { seq, sentAtMs, ordinal: row[8], text });
}

const isSaid = (row: PartiesRow): boolean => row[7] === "send";
const speakerIn = ([, conversationId, senderId]: PartiesRow): string =>
  `${conversationId} ${senderId}`;

async function scanOne(
  { seq, sentAtMs, json, text }: Candidate,
  row: PartiesRow,
  work: PortionWork & { lines: SpeakerLines | undefined },
): Promise<FoundMessage | null> {
  const { rules, lookUps, lines } = work;
  const [, conversationId, , kind, memberId, customerId, roomId, , ordinal] = row;
  const asked = rules.reach.facts;
  if (text === "" && asked.size === 0) return null;
  const responsible = async (): Promise<string | null> =>
    memberId !== null || roomId === null
      ? memberId
      : await lookUps.lastMemberIn(conversationId, seq);
  const asking = asked.size > 0 ? await responsible() : null;
  const facts =
    asked.size > 0 ? await factsOf({ json, sentAtMs, row, memberId: asking }, work) : undefined;
  const siblings = lines?.of(speakerIn(row), { seq, sentAtMs, ordinal });
  const speaker = speakerOf(kind);
  const options = { speaker, sentAtMs, facts, ...siblings };
  const findings = rules.sets.flatMap((set) => scan(set, text, options));
  if (findings.length === 0) return null;
  const whose = asking ?? (await responsible());
  if (whose === null) return null;
  const where = { conversationId, memberId: whose, customerId, roomId };
  return { seq, sentAtMs, ...where, speaker, findings };
}

async function factsOf(
  one: { json: Buffer; sentAtMs: number; row: PartiesRow; memberId: string | null },
  { rules, context, lookUps }: PortionWork,
): Promise<MessageFacts> {
  const { sentAtMs, memberId } = one;
  const asked = rules.reach.facts;
  const [, conversationId, , , , customerId] = one.row;
  const message = readArchiveMessage(one.json.toString("utf8"));
  const described = message && describeMessage(message, conversationId);
  const departmentIds = memberId === null ? [] : (context.departments.get(memberId) ?? []);
  const recalled = described?.recalledMsgId ?? null;
  const toldAtMs =
    asked.has("recall") && recalled !== null ? await lookUps.sentAtMsOf(recalled) : null;
  return {
    scene: described?.scene,
    isWorkingTime: isWorkingTime(sentAtMs, context.calendar),
    contents: described?.contents,
    ...(memberId !== null && { memberId, departmentIds }),
    ...(asked.has("customer") && {
      customerTags: customerId === null ? undefined : context.tags.get(customerId),
    }),
    ...(asked.has("recall") && {
      recalledAfterMs: toldAtMs === null ? null : Math.max(0, sentAtMs - toldAtMs),
    }),
  };
}

import type {
  SampleItem,
  SampleLabel,
  SampleSummary,
  SampleView,
} from "#shared/contract/rule-scan";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { ArchivedConversation, Conversations } from "../archive/conversations.service.ts";
import type { HistoryScan } from "../archive/history-scan.ts";
import type { ArchivedMessage } from "../archive/archived-message.ts";
import type { ArchiveReader } from "../archive/reader.service.ts";
import type { Admitted, Allowance } from "../reading/allowance.ts";
import type { Readings } from "../reading/readings.service.ts";
import type { ReadingScopes } from "../reading/reading-scope.ts";
import type { Rules } from "../rules/rules.service.ts";
import type { Actor } from "../sign-in/actor.ts";
import type { Finding } from "#shared/rules/scan";
import { readMark } from "./marked-rules.ts";
import { RuleScanRow, RuleScanSample } from "./rule-scan.entity.ts";
import type { ScanRules } from "./scan-rules.ts";
import type { ScanViews } from "./scan-views.ts";

/** The hits of a trial that people judge. To see them is to read those chats, and goes on record as such. */
export interface Samples {
  open(reader: Actor, scanId: string, purpose: string): Promise<SampleView>;
  /** Null takes the label back. Throws `not_found` for what the person may not read. */
  label(
    by: string,
    place: { scanId: string; itemId: string },
    label: SampleLabel | null,
  ): Promise<SampleSummary>;
}

export interface SamplesDeps {
  database: Database;
  clock: Clock;
  history: Pick<HistoryScan, "find">;
  conversations: Pick<Conversations, "find">;
  reader: Pick<ArchiveReader, "openMessages">;
  readings: Pick<Readings, "start">;
  scopes: Pick<ReadingScopes, "mayRead">;
  allowance: Pick<Allowance, "admit">;
  rules: Pick<Rules, "describe">;
  scanRules: ScanRules;
  views: ScanViews;
  /** Masked as a case is, with who speaks to whom. */
  quote(
    message: ArchivedMessage,
    findings: Awaited<ReturnType<Rules["describe"]>>,
    others: ReadonlyMap<number, ArchivedMessage>,
  ): Promise<Pick<SampleItem, "quote" | "findings" | "parts" | "memberName" | "otherName">>;
}

interface Showing {
  message: ArchivedMessage;
  titleOf: (ruleId: string) => string;
  /** How many a person may be shown without a second one holds here, too. */
  admit: (wanted: readonly ArchivedMessage[]) => Promise<Admitted>;
}

const WHY = "规则试跑抽样：";

export function createSamples(deps: SamplesDeps): Samples {
  const { database, clock, history, conversations, reader, scopes } = deps;

  async function find(scanId: string): Promise<RuleScanRow> {
    const row = await database.read.findOneBy(RuleScanRow, { id: scanId, kind: "back_test" });
    if (row?.state !== "done") throw new AppError("not_found");
    return row;
  }

  /** The messages of the items, and of those the conversations that the reader may read. */
  async function readable(
    readerId: string,
    items: readonly RuleScanSample[],
  ): Promise<{ messages: Map<number, ArchivedMessage>; readable: ArchivedConversation[] }> {
    const seqs = [...new Set(items.map(({ messageSeq }) => messageSeq))];
    const opened = await reader.openMessages(seqs);
    const ids = [...new Set(opened.map(({ conversationId }) => conversationId))];
    const allowed: ArchivedConversation[] = [];
    for (const one of await conversations.find(ids)) {
      if (await scopes.mayRead(readerId, one.memberIds)) allowed.push(one);
    }
    return { messages: new Map(opened.map((one) => [one.seq, one])), readable: allowed };
  }

  /** What the draft finds there, as it would find it today. */
  async function findingsOf(row: RuleScanRow, item: RuleScanSample): Promise<Finding[]> {
    const found = await history.find(item.messageSeq, await deps.scanRules.of(row));
    return (found?.findings ?? []).flatMap((finding) => {
      const { mark, ruleId } = readMark(finding.ruleId);
      return mark !== "-" && ruleId === item.ruleId ? [{ ...finding, ruleId }] : [];
    });
  }

  async function present(
    row: RuleScanRow,
    item: RuleScanSample,
    { message, titleOf, admit }: Showing,
  ): Promise<SampleItem | null> {
    const findings = await findingsOf(row, item);
    const elsewhere = findings.flatMap((one) => (one.elsewhere ?? []).map((at) => at.message));
    const found = await reader.openMessages([...new Set(elsewhere)]);
    const admitted = await admit([message, ...found]);
    if (!admitted.has(message.seq)) return null;
    const others = found.filter(({ seq }) => admitted.has(seq));
    const quoted = await deps.quote(
      message,
      await deps.rules.describe(findings),
      new Map(others.map((one) => [one.seq, one])),
    );
    return {
      id: item.id,
      ruleTitle: titleOf(item.ruleId),
      level: findings[0]?.level ?? null,
      label: item.label,
      speaker: message.speaker,
      sentAtMs: message.sentAtMs,
      ...quoted,
    };
  }

  return {
    async open(actor, scanId, purpose) {
      const row = await find(scanId);
      const items = await database.read.find(RuleScanSample, {
        where: { scanId },
        order: { position: "ASC" },
      });
      const { messages, readable: allowed } = await readable(actor.memberId, items);
      if (allowed.length === 0) throw new AppError("no_chats_to_scan");
      // On record before anything is shown.
      for (const { id } of allowed) {
        await deps.readings.start(actor, { conversationId: id, purpose: WHY + purpose });
      }
      const byId = new Map(allowed.map((one) => [one.id, one]));
      const admit = (wanted: readonly ArchivedMessage[]) =>
        deps.allowance.admit(
          actor.memberId,
          wanted.flatMap(({ seq, sentAtMs, conversationId }) => {
            const conversation = byId.get(conversationId);
            return conversation ? [{ seq, sentAtMs, conversation }] : [];
          }),
        );
      const titleOf = await deps.views.titlesOf(row);
      const shown: SampleItem[] = [];
      for (const item of items) {
        const message = messages.get(item.messageSeq);
        if (!message || !byId.has(message.conversationId)) continue;
        const view = await present(row, item, { message, titleOf, admit });
        if (view) shown.push(view);
      }
      return { items: shown, hidden: items.length - shown.length };
    },

    async label(by, { scanId, itemId }, label) {
      const row = await find(scanId);
      const item = await database.read.findOneBy(RuleScanSample, { id: itemId, scanId });
      const { readable: allowed } = await readable(by, item ? [item] : []);
      if (!item || allowed.length === 0) throw new AppError("not_found");
      const atMs = clock.now();
      await database.write(async (tx) => {
        const stamp = label === null ? null : { by, atMs };
        const { affected } = await tx.update(
          RuleScanSample,
          { id: itemId },
          { label, labelledBy: stamp?.by ?? null, labelledAtMs: stamp?.atMs ?? null },
        );
        // Its message has been destroyed meanwhile.
        if (affected !== 1) throw new AppError("not_found");
        recordEntry(tx, {
          kind: "back_test.labelled",
          actorId: by,
          objectId: scanId,
          atMs,
          details: { seq: item.messageSeq, rule: item.ruleId, decision: label },
        });
      });
      const summary = await deps.views.sampleOf(row);
      if (!summary) throw new AppError("not_found");
      return summary;
    },
  };
}

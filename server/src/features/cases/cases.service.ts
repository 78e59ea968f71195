import { In } from "typeorm";
import type { EntityManager } from "typeorm";
import type { CaseList, CaseView } from "#shared/contract/case";
import type { WarningView } from "#shared/contract/sidebar";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import type { LiveEvents } from "../../platform/events/live-events.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { formatPageCursor, parsePageCursor } from "../../platform/http/page-cursor.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { Access } from "../access/access.service.ts";
import type { ArchivedMessage } from "../archive/archived-message.ts";
import type { ArchiveReader } from "../archive/reader.service.ts";
import type { Customers } from "../customers/customers.service.ts";
import type { Members } from "../members/members.service.ts";
import type { DescribedFinding, Rules } from "../rules/rules.service.ts";
import { SupervisionCase } from "./case.entity.ts";
import { withExplanations } from "./hit-explanation.ts";
import { hitParts, inOrder, otherMessagesOf, shownText } from "./hit-parts.ts";
import { describeStored, openFinding } from "./hit-spans.ts";
import type { StoredFinding } from "./hit-spans.ts";
import { hitsByOccasion, occasionKey } from "./occasion.ts";
import { clipQuote, maskedQuote, nameOther } from "./quote.ts";

export interface Cases {
  /** Of the members within reach, newest first. */
  list(
    managerId: string,
    query: { state: "open" | "decided"; cursor?: string | undefined },
  ): Promise<CaseList>;
  get(managerId: string, caseId: string): Promise<CaseView>;
  /** Decides once; the second one gets `already_decided`. */
  decide(managerId: string, caseId: string, decision: Decision): Promise<CaseView>;
  /**
   * The same inside a transaction, for a tap on a card: false when it was decided before.
   * The caller has made sure that the manager may decide.
   */
  decideIn(tx: EntityManager, caseId: string, decision: Decision, by: string): Promise<boolean>;
  /**
   * For the salesperson whom it concerns: in a group nobody sees what a colleague did. Rules that are
   * confidential are left out.
   */
  listForConversation(conversationId: string, memberId: string): Promise<WarningView[]>;
  findWarning(caseId: string, memberId: string): Promise<WarningView | null>;
  /** Of the members whom the manager leads, without look-backs. */
  countOpen(managerId: string): Promise<number>;
  /** The case with its message opened, if it has one, for a card. */
  open(caseId: string): Promise<OpenedCase>;
}

export type Decision = "handled" | "false_alarm";

export interface OpenedCase {
  row: SupervisionCase;
  /** Empty when the message's key has been destroyed, and of an act, which has no message. */
  text: string;
  findings: DescribedFinding[];
  /** The other messages in which parts of the findings stand. */
  others: ReadonlyMap<number, ArchivedMessage>;
}

interface Deps {
  database: Database;
  vault: Vault;
  events: LiveEvents;
  clock: Clock;
  rules: Rules;
  members: Members;
  access: Pick<Access, "membersWithin">;
  customers: Customers;
  reader: ArchiveReader;
  /** Called in the deciding transaction, so that the cards of the case follow. */
  onDecided: (tx: EntityManager, caseId: string) => Promise<void>;
}

const PAGE = 20;
export const QUOTE_UNITS = 120;
/** How many warnings a sidebar shows, and of how long ago. */
const WARNINGS = 20;
const WARNING_AGE_MS = 30 * 24 * 3600_000;

export function createCases(deps: Deps): Cases {
  const { database, vault, rules, members, access, customers } = deps;

  async function findingsOf(
    rows: readonly SupervisionCase[],
  ): Promise<Map<string, StoredFinding[]>> {
    const opened = new Map<string, StoredFinding[]>();
    for (const [key, hits] of await hitsByOccasion(database.read, rows)) {
      opened.set(key, await Promise.all(hits.map((hit) => openFinding(vault, hit))));
    }
    return opened;
  }

  async function openAll(rows: readonly SupervisionCase[]): Promise<OpenedCase[]> {
    const seqs = rows.flatMap(({ messageSeq }) => messageSeq ?? []);
    const findings = await findingsOf(rows);
    const others = otherMessagesOf([...findings.values()].flat());
    const opened = await deps.reader.openMessages([...new Set([...seqs, ...others])]);
    const messages = new Map(opened.map((message) => [message.seq, message]));
    return await Promise.all(
      rows.map(async (row) => {
        const message = row.messageSeq === null ? undefined : messages.get(row.messageSeq);
        return {
          row,
          text: message ? shownText(message) : "",
          findings: await describeStored(rules, findings.get(occasionKey(row)) ?? []),
          others: messages,
        };
      }),
    );
  }

  async function present(rows: readonly SupervisionCase[]): Promise<CaseView[]> {
    const names = await members.namesOf(
      rows.flatMap(({ memberId, decidedBy }) => (decidedBy ? [memberId, decidedBy] : [memberId])),
    );
    const acts = rows.filter(({ messageSeq }) => messageSeq === null);
    const known = await deps.reader.knownConversations(
      acts.map(({ conversationId }) => conversationId),
    );
    return await Promise.all(
      (await openAll(rows)).map(async ({ row, text, findings, others }) => {
        const customerName = row.customerId && (await customers.nameOf(row.customerId));
        const { quote, findings: marked } = maskedQuote(text, findings, QUOTE_UNITS);
        const shown = { text, quote, others: inOrder(findings, others), isMasked: true };
        return {
          id: row.id,
          state: row.state,
          level: row.level,
          speaker: row.speaker,
          occasion: kindOf(row),
          hasContext: row.messageSeq !== null || known.has(row.conversationId),
          memberId: row.memberId,
          memberName: names.get(row.memberId) ?? row.memberId,
          customerName: nameOther(row, customerName),
          quote,
          findings: withExplanations(marked, shown),
          parts: hitParts(findings, others, { limit: QUOTE_UNITS, isMasked: true }),
          sentAtMs: row.sentAtMs,
          isLookBack: row.isLookBack,
          decidedByName: row.decidedBy && (names.get(row.decidedBy) ?? row.decidedBy),
          decidedAtMs: row.decidedAtMs,
        };
      }),
    );
  }

  async function presentOne(row: SupervisionCase): Promise<CaseView> {
    const [view] = await present([row]);
    if (!view) throw new AppError("not_found");
    return view;
  }

  async function getRow(
    managerId: string,
    caseId: string,
    permission: "case.read" | "case.decide",
  ): Promise<SupervisionCase> {
    const row = await database.read.findOneBy(SupervisionCase, { id: caseId });
    const within = await access.membersWithin(managerId, permission);
    // 404 for somebody else's case too: whether it exists is nobody's business.
    if (!row || !within.includes(row.memberId)) throw new AppError("not_found");
    return row;
  }

  async function countOpenOf(memberIds: readonly string[], isLookBack = false): Promise<number> {
    if (memberIds.length === 0) return 0;
    return await database.read.countBy(SupervisionCase, {
      state: "open",
      isLookBack,
      memberId: In([...memberIds]),
    });
  }

  async function toWarnings(rows: readonly SupervisionCase[]): Promise<WarningView[]> {
    const hidden = await rules.confidentialIds();
    return (await openAll(rows)).flatMap(({ row, text, findings, others }) => {
      // What was found only by looking back is between the company and the manager.
      const visible = findings.filter(
        ({ ruleId, isLookBack }) => !hidden.has(ruleId) && isLookBack !== true,
      );
      const isLost = text === "" && row.messageSeq !== null;
      if (visible.length === 0 || isLost) return [];
      const { quote, findings: marked } = clipQuote(text, visible, 4 * QUOTE_UNITS);
      const shown = { text, quote, others: inOrder(visible, others), isMasked: false };
      return [
        {
          caseId: row.id,
          level: row.level,
          speaker: row.speaker,
          occasion: kindOf(row),
          quote,
          findings: withExplanations(marked, shown),
          parts: hitParts(visible, others, { limit: QUOTE_UNITS, isMasked: false }),
          state: row.state,
          sentAtMs: row.sentAtMs,
        },
      ];
    });
  }

  const cases: Cases = {
    async list(managerId, { state, cursor }) {
      const memberIds = await access.membersWithin(managerId, "case.read");
      if (memberIds.length === 0) {
        return { cases: [], nextCursor: null, openCount: 0, lookBackCount: 0 };
      }
      const query = database.read
        .createQueryBuilder(SupervisionCase, "c")
        .where("c.memberId IN (:...memberIds)", { memberIds })
        .andWhere(state === "open" ? "c.state = 'open'" : "c.state <> 'open'")
        .orderBy("c.sentAtMs", "DESC")
        .addOrderBy("c.id", "DESC")
        .take(PAGE + 1);
      const after = cursor === undefined ? undefined : parsePageCursor(cursor);
      if (after) {
        query.andWhere("(c.sentAtMs < :atMs OR (c.sentAtMs = :atMs AND c.id < :id))", after);
      }
      const rows = await query.getMany();
      const page = rows.slice(0, PAGE);
      const last = page.at(-1);
      return {
        cases: await present(page),
        nextCursor:
          rows.length > PAGE && last
            ? formatPageCursor({ atMs: last.sentAtMs, id: last.id })
            : null,
        openCount: await countOpenOf(memberIds),
        lookBackCount: await countOpenOf(memberIds, true),
      };
    },

    async get(managerId, caseId) {
      return await presentOne(await getRow(managerId, caseId, "case.read"));
    },

    async decide(managerId, caseId, decision) {
      await getRow(managerId, caseId, "case.decide");
      const isMine = await database.write((tx) => cases.decideIn(tx, caseId, decision, managerId));
      if (!isMine) throw new AppError("already_decided");
      return await cases.get(managerId, caseId);
    },

    async decideIn(tx, caseId, decision, by) {
      const atMs = deps.clock.now();
      const { affected } = await tx.update(
        SupervisionCase,
        { id: caseId, state: "open" },
        { state: decision, decidedBy: by, decidedAtMs: atMs },
      );
      if (affected !== 1) return false;
      recordEntry(tx, {
        kind: "case.decided",
        actorId: by,
        objectId: caseId,
        atMs,
        details: { decision },
      });
      const row = await tx.findOneByOrFail(SupervisionCase, { id: caseId });
      await deps.onDecided(tx, caseId);
      await deps.events.publish(tx, `conversation:${row.conversationId}`, { caseId });
      return true;
    },

    async listForConversation(conversationId, memberId) {
      const rows = await database.read
        .createQueryBuilder(SupervisionCase, "c")
        .where("c.conversationId = :conversationId AND c.memberId = :memberId", {
          conversationId,
          memberId,
        })
        .andWhere("c.isLookBack = :isLookBack", { isLookBack: false })
        .andWhere("c.sentAtMs >= :sinceMs", { sinceMs: deps.clock.now() - WARNING_AGE_MS })
        .orderBy("c.sentAtMs", "DESC")
        .take(WARNINGS)
        .getMany();
      return await toWarnings(rows);
    },

    async findWarning(caseId, memberId) {
      const row = await database.read.findOneBy(SupervisionCase, {
        id: caseId,
        memberId,
        isLookBack: false,
      });
      return row ? ((await toWarnings([row]))[0] ?? null) : null;
    },

    async countOpen(managerId) {
      return await countOpenOf(await members.membersLedBy(managerId));
    },

    async open(caseId) {
      const row = await database.read.findOneByOrFail(SupervisionCase, { id: caseId });
      const [opened] = await openAll([row]);
      if (!opened) throw new Error("a case that was read can be opened");
      return opened;
    },
  };
  return cases;
}

function kindOf({ messageSeq }: SupervisionCase): CaseView["occasion"] {
  return messageSeq === null ? "removal" : "message";
}

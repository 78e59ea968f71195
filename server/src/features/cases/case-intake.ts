import type { EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import type { KeptExplanation } from "#shared/hit-explanation";
import type { MessageSpeaker, RuleLevel } from "#shared/rules/rule";
import type { Finding } from "#shared/rules/scan";
import type { Clock } from "../../platform/clock.ts";
import { insertAll, insertNew } from "../../platform/database/insert-new.ts";
import type { LiveEvents } from "../../platform/events/live-events.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { Members } from "../members/members.service.ts";
import { caseSubjectOf, toHitRow } from "./hit-rows.ts";
import type { HitOccasion } from "./hit-rows.ts";

/** What rules object to, at the moment when it came. */
export interface NewCase {
  id: string;
  occasion: HitOccasion & { speaker: MessageSpeaker };
  level: RuleLevel;
  findings: Finding[];
  /** By rule. */
  explained: ReadonlyMap<string, KeptExplanation>;
  managerIds: string[];
}

export interface CaseIntake {
  /** Who is told of a matter of this member. */
  managersOf(memberId: string): Promise<string[]>;
  /** Hits, cases, what goes on record, cards to push and hints to open sidebars: all in this transaction. */
  take(tx: EntityManager, cases: readonly NewCase[]): Promise<void>;
}

export interface CaseIntakeDeps {
  vault: Vault;
  jobs: Jobs;
  events: LiveEvents;
  clock: Clock;
  members: Pick<Members, "managersOf">;
  /** Told of every new case of a member who has no manager. */
  fallbackManagersOf: (memberId: string) => Promise<readonly string[]>;
}

/** A card about something older would only annoy; such cases are counted in one digest an hour. */
const CARD_AGE_MS = 60 * 60_000;
const HOUR_MS = 3600_000;
/** Lets a backlog come in before the digest counts it. */
const DIGEST_DELAY_MS = 20_000;

export function createCaseIntake(deps: CaseIntakeDeps): CaseIntake {
  const isFresh = ({ occasion, level }: NewCase): boolean =>
    level !== "notice" && deps.clock.now() - occasion.sentAtMs < CARD_AGE_MS;

  async function store(tx: EntityManager, cases: readonly NewCase[]): Promise<void> {
    const sealer = await deps.vault.sealerFor(
      tx,
      new Set(cases.map(({ occasion }) => caseSubjectOf(occasion))),
    );
    const hits = cases.flatMap(({ occasion, findings, explained }) =>
      findings.map((finding) =>
        toHitRow(sealer, occasion, finding, {
          isLookBack: false,
          explained: explained.get(finding.ruleId),
        }),
      ),
    );
    await insertNew(tx, "hit", "id", hits);
    for (const { id, rule_id: rule, rule_revision: revision, level, message_seq: seq } of hits) {
      recordEntry(tx, {
        kind: "hit.found",
        actorId: "system",
        objectId: id,
        atMs: deps.clock.now(),
        details: { rule, revision, level, ...(seq === null ? { act: "removal" } : { seq }) },
      });
    }
    const rows = cases.map((found) => toRow(found, deps.clock));
    const isAct = (row: ReturnType<typeof toRow>): boolean => row.event_id !== null;
    await insertNew(
      tx,
      "supervision_case",
      "id",
      rows.filter((row) => !isAct(row)),
    );
    // Two processes that are told of the same act at the same moment: one fails, comes again and finds the other's.
    await insertAll(tx, "supervision_case", rows.filter(isAct));
  }

  async function announce(tx: EntityManager, cases: readonly NewCase[]): Promise<void> {
    for (const found of cases.filter(isFresh)) {
      await deps.events.publish(tx, `conversation:${found.occasion.conversationId}`, {
        caseId: found.id,
      });
      for (const managerId of found.managerIds) {
        const id = uuidv7();
        const card = { id, case_id: found.id, manager_id: managerId, state: "waiting" };
        await insertNew(tx, "case_card", "id", [
          { ...card, response_code: null, pushed_at_ms: null },
        ]);
        await deps.jobs.enqueue(tx, "cases.push-card", { cardId: id }, { dedupe: `card:${id}` });
      }
    }
    const late = new Set(
      cases.filter((one) => !isFresh(one)).flatMap(({ managerIds }) => managerIds),
    );
    const slot = Math.floor(deps.clock.now() / HOUR_MS);
    for (const managerId of late) {
      await deps.jobs.enqueue(
        tx,
        "cases.push-digest",
        { managerId },
        { dedupe: `digest:${managerId}:${slot}`, runAtMs: deps.clock.now() + DIGEST_DELAY_MS },
      );
    }
  }

  return {
    async managersOf(memberId) {
      const managers = await deps.members.managersOf(memberId);
      return managers.length > 0 ? managers : [...(await deps.fallbackManagersOf(memberId))];
    },

    async take(tx, cases) {
      if (cases.length === 0) return;
      await store(tx, cases);
      await announce(tx, cases);
    },
  };
}

function toRow({ id, occasion, level }: NewCase, clock: Clock) {
  return {
    id,
    message_seq: occasion.messageSeq,
    event_id: occasion.eventId,
    conversation_id: occasion.conversationId,
    member_id: occasion.memberId,
    customer_id: occasion.customerId,
    speaker: occasion.speaker,
    level,
    state: "open",
    decided_by: null,
    decided_at_ms: null,
    sent_at_ms: occasion.sentAtMs,
    created_at_ms: clock.now(),
  };
}

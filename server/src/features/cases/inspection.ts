import { v7 as uuidv7 } from "uuid";
import { worstLevel } from "#shared/rules/scan";
import type { Finding } from "#shared/rules/scan";
import type { RuleLevel } from "#shared/rules/rule";
import type { Clock } from "../../platform/clock.ts";
import { insertNew } from "../../platform/database/insert-new.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { LiveEvents } from "../../platform/events/live-events.ts";
import type { Effect, Jobs } from "../../platform/jobs/jobs.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { ArchivedMessage } from "../archive/archived-message.ts";
import type { Neighbourhood, Neighbours } from "../archive/neighbours.ts";
import type { ArchiveReader } from "../archive/reader.service.ts";
import type { Members } from "../members/members.service.ts";
import type { KeptExplanation } from "#shared/hit-explanation";
import type { PublishedRules, Rules } from "../rules/rules.service.ts";
import { caseSubjectOf, toHitRow } from "./hit-rows.ts";
import type { HitMessage } from "./hit-rows.ts";
import { createMessageFacts } from "./message-facts.ts";
import type { MessageFactsDeps } from "./message-facts.ts";

interface Deps extends MessageFactsDeps {
  vault: Vault;
  jobs: Jobs;
  events: LiveEvents;
  clock: Clock;
  rules: Rules;
  members: Members;
  reader: Pick<ArchiveReader, "lastMemberIn" | "sentAtMsOf">;
  neighbours: Neighbours;
  /** Told of every new case of a member who has no manager. */
  fallbackManagersOf: (memberId: string) => Promise<readonly string[]>;
}

/** A card about something older would only annoy; such cases are counted in one digest an hour. */
const CARD_AGE_MS = 60 * 60_000;
const HOUR_MS = 3600_000;
/** Lets a backlog come in before the digest counts it. */
const DIGEST_DELAY_MS = 20_000;

interface NewCase {
  id: string;
  message: ArchivedMessage;
  memberId: string;
  level: RuleLevel;
  findings: Finding[];
  /** By rule. */
  explained: ReadonlyMap<string, KeptExplanation>;
  managerIds: string[];
}

/**
 * Looks through a page of new messages. The returned effect belongs into the transaction that stores
 * the page: hits, cases, cards to push and hints to open sidebars come with the messages or not at all.
 */
export function createInspection(
  deps: Deps,
): (messages: readonly ArchivedMessage[]) => Promise<Effect> {
  async function findCases(
    rules: PublishedRules,
    messages: readonly ArchivedMessage[],
    around: Neighbourhood | undefined,
  ): Promise<NewCase[]> {
    const asked = rules.reach.facts;
    const factsOf = createMessageFacts(deps, asked);
    const cases: NewCase[] = [];
    for (const message of messages) {
      const { text, speaker, sentAtMs } = message;
      const siblings = await around?.of(message);
      if (text === "" && asked.size === 0) continue;
      const asking = asked.size > 0 ? await responsibleFor(message, messages) : null;
      const facts =
        asked.size > 0 ? await factsOf({ message, memberId: asking, page: messages }) : undefined;
      const options = { speaker, sentAtMs, facts, ...siblings };
      const findings = rules.scan(text, options);
      const level = worstLevel(findings);
      if (level === undefined) continue;
      const memberId = asking ?? (await responsibleFor(message, messages));
      if (memberId === null) continue;
      const managers = await deps.members.managersOf(memberId);
      cases.push({
        id: uuidv7(),
        message,
        memberId,
        level,
        findings,
        explained: rules.explain(text, options),
        managerIds: managers.length > 0 ? managers : [...(await deps.fallbackManagersOf(memberId))],
      });
    }
    return cases;
  }

  /** Whose conversation it is; for what a customer says in a group, who of us spoke there last. */
  async function responsibleFor(
    message: ArchivedMessage,
    page: readonly ArchivedMessage[],
  ): Promise<string | null> {
    if (message.memberId !== null || message.roomId === null) return message.memberId;
    const { conversationId, seq } = message;
    const before = page.filter((one) => one.conversationId === conversationId && one.seq < seq);
    const ours = before.findLast(({ memberId }) => memberId !== null);
    return ours?.memberId ?? (await deps.reader.lastMemberIn(conversationId, seq));
  }

  const isFresh = ({ message, level }: NewCase): boolean =>
    level !== "notice" && deps.clock.now() - message.sentAtMs < CARD_AGE_MS;

  async function storeCases(tx: Parameters<Effect>[0], cases: readonly NewCase[]): Promise<void> {
    const sealer = await deps.vault.sealerFor(
      tx,
      new Set(cases.map((found) => caseSubjectOf(hitMessageOf(found)))),
    );
    const hits = cases.flatMap((found) =>
      found.findings.map((finding) =>
        toHitRow(sealer, hitMessageOf(found), finding, {
          isLookBack: false,
          explained: found.explained.get(finding.ruleId),
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
        details: { rule, revision, level, seq },
      });
    }
    await insertNew(
      tx,
      "supervision_case",
      "id",
      cases.map((found) => toRow(found, deps.clock)),
    );
  }

  async function announce(tx: Parameters<Effect>[0], cases: readonly NewCase[]): Promise<void> {
    for (const found of cases.filter(isFresh)) {
      await deps.events.publish(tx, `conversation:${found.message.conversationId}`, {
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

  return async (messages) => {
    const rules = await deps.rules.current();
    const { widest } = rules.reach;
    const around = widest && (await deps.neighbours.around(messages, widest));
    const cases = await findCases(rules, messages, around);
    return async (tx) => {
      await around?.confirm();
      if (cases.length === 0) return;
      await storeCases(tx, cases);
      await announce(tx, cases);
    };
  };
}

function hitMessageOf({ message, memberId }: NewCase): HitMessage {
  return { ...message, memberId };
}

function toRow({ id, message, memberId, level }: NewCase, clock: Clock) {
  return {
    id,
    message_seq: message.seq,
    conversation_id: message.conversationId,
    member_id: memberId,
    customer_id: message.customerId,
    speaker: message.speaker,
    level,
    state: "open",
    decided_by: null,
    decided_at_ms: null,
    sent_at_ms: message.sentAtMs,
    created_at_ms: clock.now(),
  };
}

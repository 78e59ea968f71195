import { v7 as uuidv7 } from "uuid";
import { worstLevel } from "#shared/rules/scan";
import type { Effect } from "../../platform/jobs/jobs.ts";
import type { ArchivedMessage } from "../archive/archived-message.ts";
import type { Neighbourhood, Neighbours } from "../archive/neighbours.ts";
import type { ArchiveReader } from "../archive/reader.service.ts";
import type { Members } from "../members/members.service.ts";
import type { PublishedRules, Rules } from "../rules/rules.service.ts";
import { createCaseIntake } from "./case-intake.ts";
import type { CaseIntakeDeps, NewCase } from "./case-intake.ts";
import { createMessageFacts } from "./message-facts.ts";
import type { MessageFactsDeps } from "./message-facts.ts";

interface Deps extends MessageFactsDeps, CaseIntakeDeps {
  rules: Pick<Rules, "current">;
  members: Pick<Members, "managersOf" | "departmentsOf">;
  reader: Pick<ArchiveReader, "lastMemberIn" | "sentAtMsOf">;
  neighbours: Neighbours;
}

/**
 * Looks through a page of new messages. The returned effect belongs into the transaction that stores
 * the page: hits, cases, cards to push and hints to open sidebars come with the messages or not at all.
 */
export function createInspection(
  deps: Deps,
): (messages: readonly ArchivedMessage[]) => Promise<Effect> {
  const intake = createCaseIntake(deps);

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
      cases.push({
        id: uuidv7(),
        occasion: { ...message, memberId, messageSeq: message.seq, eventId: null },
        level,
        findings,
        explained: rules.explain(text, options),
        managerIds: await intake.managersOf(memberId),
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

  return async (messages) => {
    const rules = await deps.rules.current();
    const { widest } = rules.reach;
    const around = widest && (await deps.neighbours.around(messages, widest));
    const cases = await findCases(rules, messages, around);
    return async (tx) => {
      await around?.confirm();
      await intake.take(tx, cases);
    };
  };
}

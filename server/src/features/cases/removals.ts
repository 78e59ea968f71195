import { v7 as uuidv7 } from "uuid";
import type { MessageSpeaker } from "#shared/rules/rule";
import { worstLevel } from "#shared/rules/scan";
import type { Database } from "../../platform/database/database.ts";
import type { Effect } from "../../platform/jobs/jobs.ts";
import { opaqueTokens } from "../../platform/opaque-tokens.ts";
import type { CustomerChange, CustomerChanged } from "../../wecom/callback-event.ts";
import type { Members } from "../members/members.service.ts";
import type { Rules } from "../rules/rules.service.ts";
import { SupervisionCase } from "./case.entity.ts";
import { createCaseIntake } from "./case-intake.ts";
import type { CaseIntakeDeps, NewCase } from "./case-intake.ts";
import { createMessageFacts } from "./message-facts.ts";
import type { MessageFactsDeps } from "./message-facts.ts";

interface Deps extends MessageFactsDeps, CaseIntakeDeps {
  database: Database;
  rules: Pick<Rules, "current">;
  members: Pick<Members, "managersOf" | "departmentsOf">;
}

/** Who has deleted the other. A handover deletes as well, but then nobody did it. */
const actors: Partial<Record<CustomerChange, MessageSpeaker>> = {
  removed_by_member: "member",
  removed_by_customer: "customer",
};

/**
 * Asks the rules in force about one side deleting the other, which WeCom tells in a callback and the archive does not
 * keep. The returned effect belongs into the transaction that marks the callback as processed.
 */
export function createRemovalInspection(
  deps: Deps,
): (event: CustomerChanged) => Promise<Effect | undefined> {
  const intake = createCaseIntake(deps);

  async function findCase(
    { memberId, customerId }: CustomerChanged,
    { speaker, atMs, eventId }: { speaker: MessageSpeaker; atMs: number; eventId: string },
  ): Promise<NewCase | undefined> {
    const rules = await deps.rules.current();
    if (rules.reach.removals.size === 0) return undefined;
    const about = { customerId, sentAtMs: atMs, scene: "single" as const, contents: [] };
    const factsOf = createMessageFacts(deps, rules.reach.facts);
    const facts = await factsOf({ message: { ...about, recalledMsgId: null }, memberId, page: [] });
    const { findings, explained } = rules.judgeRemoval({ speaker, sentAtMs: atMs, facts });
    const level = worstLevel(findings);
    if (level === undefined) return undefined;
    return {
      id: uuidv7(),
      occasion: {
        messageSeq: null,
        eventId,
        conversationId: `s:${memberId}:${customerId}`,
        memberId,
        customerId,
        roomId: null,
        speaker,
        sentAtMs: atMs,
      },
      level,
      findings,
      explained,
      managerIds: await intake.managersOf(memberId),
    };
  }

  return async (event) => {
    const { change, memberId, customerId, atMs } = event;
    const speaker = actors[change];
    if (!speaker || atMs === null) return undefined;
    const eventId = opaqueTokens.hash(JSON.stringify([change, memberId, customerId, atMs]));
    const found = await findCase(event, { speaker, atMs, eventId });
    return (
      found &&
      (async (tx) => {
        if (await tx.existsBy(SupervisionCase, { eventId })) return;
        await intake.take(tx, [found]);
      })
    );
  };
}

import { In, IsNull } from "typeorm";
import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import type { Effect, Jobs } from "../../platform/jobs/jobs.ts";
import type { Logger } from "../../platform/log.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { AppMessages } from "../../wecom/app-messages.ts";
import type { CallbackEvent } from "../../wecom/callback-event.ts";
import type { Customers } from "../customers/customers.service.ts";
import type { Members } from "../members/members.service.ts";
import { CaseCard, SupervisionCase } from "./case.entity.ts";
import { cardOf, decisionLine, digestOf } from "./card-words.ts";
import type { Cases, Decision } from "./cases.service.ts";

interface Deps {
  database: Database;
  vault: Vault;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
  messages: AppMessages;
  members: Members;
  customers: Customers;
  cases: Cases;
  publicUrl: string;
}

type CardButtonEvent = Extract<CallbackEvent, { kind: "card_button" }>;

export interface CaseCards {
  /** Registers the jobs that push, update and sum up. */
  registerJobs(): void;
  /** A manager tapped a button: decides the case, once, and lets the card say so. */
  handleTap(event: CardButtonEvent): Promise<Effect>;
}

const decisions: Record<string, Decision | undefined> = {
  handle: "handled",
  false_alarm: "false_alarm",
};

/** With the back-off about 72 hours: as long as a response code lives. */
const CARD_ATTEMPTS = 300;

const cardPayload = z.object({ cardId: z.string() });
const digestPayload = z.object({ managerId: z.string() });

/** In the transaction that decides a case: every card of it that can still change will say the outcome. */
export async function enqueueCardUpdates(
  jobs: Jobs,
  tx: EntityManager,
  caseId: string,
): Promise<void> {
  const cards = await tx.findBy(CaseCard, { caseId, state: "pushed" });
  for (const { id } of cards) await jobs.enqueue(tx, "cases.update-card", { cardId: id });
}

export function createCaseCards(deps: Deps): CaseCards {
  const { database, vault, jobs, cases, messages } = deps;

  const placeOf = (cardId: string) => ({
    table: "case_card",
    column: "response_code",
    rowId: cardId,
  });

  async function sealCode(tx: EntityManager, card: CaseCard, code: string): Promise<Buffer> {
    const sealer = await vault.sealerFor(tx, [card.managerId]);
    return sealer.seal(card.managerId, placeOf(card.id), code);
  }

  async function pushCard({ cardId }: { cardId: string }): Promise<Effect | undefined> {
    const card = await database.read.findOneBy(CaseCard, { id: cardId });
    if (card?.state !== "waiting") return undefined;
    const opened = await cases.open(card.caseId);
    if (opened.row.state !== "open") return undefined;
    const names = await deps.members.namesOf([opened.row.memberId]);
    const customerName = opened.row.customerId
      ? await deps.customers.nameOf(opened.row.customerId)
      : null;
    const { responseCode } = await messages.pushCard(
      cardOf(opened, {
        cardId,
        managerId: card.managerId,
        memberName: names.get(opened.row.memberId) ?? opened.row.memberId,
        customerName,
        url: `${deps.publicUrl}/manager/cases/${card.caseId}`,
      }),
    );
    return async (tx) => {
      const code = responseCode === null ? null : await sealCode(tx, card, responseCode);
      const { affected: isPushed } = await tx.update(
        CaseCard,
        { id: cardId, state: "waiting" },
        { state: "pushed", responseCode: code, pushedAtMs: deps.clock.now() },
      );
      // A tap has overtaken WeCom's answer and brought a code of its own.
      if (isPushed !== 1) return;
      // Decided while the card was on its way: it must not stay open on the phone. Changes nothing, but makes a
      // decision that is being written wait for this card, or this card for the decision.
      const { affected: isOpen } = await tx.update(
        SupervisionCase,
        { id: card.caseId, state: "open" },
        { state: "open" },
      );
      if (isOpen !== 1) await jobs.enqueue(tx, "cases.update-card", { cardId });
    };
  }

  async function updateCard({ cardId }: { cardId: string }): Promise<Effect | undefined> {
    const card = await database.read.findOneBy(CaseCard, { id: cardId });
    if (card?.state !== "pushed" || card.responseCode === null) return undefined;
    const { row } = await cases.open(card.caseId);
    if (row.state === "open") return undefined;
    const names = await deps.members.namesOf(row.decidedBy ? [row.decidedBy] : []);
    const responseCode = await vault.openText(placeOf(cardId), card.responseCode);
    const { isUpdated } = await messages.updateCard({
      responseCode,
      memberIds: [card.managerId],
      replacedText: decisionLine(row, names),
    });
    // Not updated: the code was used by a try whose answer we never saw, or is older than 72 hours.
    const state = isUpdated ? "updated" : "stale";
    return async (tx) => {
      await tx.update(CaseCard, { id: cardId, state: "pushed" }, { state, responseCode: null });
    };
  }

  async function pushDigest({ managerId }: { managerId: string }): Promise<void> {
    const openCount = await cases.countOpen(managerId);
    if (openCount === 0) return;
    await messages.pushTextCard(digestOf(managerId, openCount, `${deps.publicUrl}/manager/`));
  }

  return {
    registerJobs() {
      const card = { payload: cardPayload, maxAttempts: CARD_ATTEMPTS };
      jobs.register({ ...card, kind: "cases.push-card", run: pushCard });
      jobs.register({ ...card, kind: "cases.update-card", run: updateCard });
      jobs.register({ kind: "cases.push-digest", payload: digestPayload, run: pushDigest });
    },

    async handleTap({ memberId, taskId, buttonKey, responseCode }) {
      const decision = decisions[buttonKey];
      const card = await database.read.findOneBy(CaseCard, { id: taskId });
      // The card names its manager; a tap that names another is not one of ours.
      if (!card || !decision || card.managerId.toLowerCase() !== memberId.toLowerCase()) {
        deps.log.warn({ taskId, buttonKey }, "tap on an unknown card");
        return () => Promise.resolve();
      }
      return async (tx) => {
        // The event's code is fresh; the one from the push may have been used by now. A card without any could not
        // be changed until now (its update was refused, or the push's answer is lost or late), so no update is
        // under way. A tap proves that the card is on the phone, whatever we know of its push.
        const fresh = { responseCode: await sealCode(tx, card, responseCode) };
        const { affected: wasStuck } = await tx.update(
          CaseCard,
          { id: card.id, state: In(["waiting", "pushed", "stale"]), responseCode: IsNull() },
          { ...fresh, state: "pushed", pushedAtMs: card.pushedAtMs ?? deps.clock.now() },
        );
        if (wasStuck !== 1) await tx.update(CaseCard, { id: card.id, state: "pushed" }, fresh);
        const isFirst = await cases.decideIn(tx, card.caseId, decision, card.managerId);
        if (!isFirst && wasStuck === 1) {
          await jobs.enqueue(tx, "cases.update-card", { cardId: card.id });
        }
      };
    },
  };
}

import type { EntityManager } from "typeorm";
import { UNMASKED_MS } from "#shared/contract/unmasking";
import type {
  UnmaskMobileRequest,
  UnmaskRequest,
  UnmaskTarget,
  UnmaskView,
} from "#shared/contract/unmasking";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { Conversations } from "../archive/conversations.service.ts";
import type { Customers } from "../customers/customers.service.ts";
import type { Actor } from "../sign-in/actor.ts";
import type { ConversationViews } from "./conversation-views.ts";
import { logReading } from "./reading-log.ts";
import type { ReaderPages } from "./reader-pages.service.ts";
import type { Readings } from "./readings.service.ts";
import { starredAt } from "./starred.ts";

/** What hides behind stars, one field at a time. It is on record, with the reason, before it is shown. */
export interface Unmasking {
  /** Throws `not_found` when there is nothing starred there, or the reader may not see the place. */
  unmask(actor: Actor, request: UnmaskRequest): Promise<UnmaskView>;
  /** The same of one's own customer's record. */
  unmaskMobile(actor: Actor, request: UnmaskMobileRequest): Promise<UnmaskView>;
}

/** What a manager sees of a case, before it is starred. */
export interface UnmaskableCase {
  conversationId: string;
  memberId: string;
  customerName: string | null;
  quote: string;
  /** The same as the case's page has it, starred. */
  shown: string;
}

interface Deps {
  database: Database;
  vault: Vault;
  clock: Clock;
  conversations: Pick<Conversations, "messages" | "placeOf" | "find">;
  readings: Pick<Readings, "getConversation">;
  pages: Pick<ReaderPages, "demandShown">;
  conversationViews: Pick<ConversationViews, "namesOf">;
  customers: Pick<Customers, "get">;
  /** Throws `not_found` when the case is not within the reader's reach. */
  openCase(readerId: string, caseId: string): Promise<UnmaskableCase>;
  maskNumbers: (text: string) => string;
  /** In the same transaction, so that the managers of those concerned are told. */
  onUnmasked(tx: EntityManager, readingId: string): Promise<void>;
}

/** What is behind the stars, and whose chat it stands in. */
interface Field {
  text: string;
  what: "number" | "name";
  conversationId: string;
  memberIds: readonly string[];
}

export function createUnmasking(deps: Deps): Unmasking {
  const { database, vault, clock, conversations, readings } = deps;

  function numberAt(text: string, at: number, shown = deps.maskNumbers(text)): string {
    const found = starredAt(text, shown, at);
    if (found === undefined) throw new AppError("not_found");
    return found;
  }

  async function ofMessage(
    readerId: string,
    { readingId, seq, at }: Extract<UnmaskTarget, { kind: "message" }>,
  ): Promise<Field> {
    await deps.pages.demandShown(readerId, readingId, seq);
    const { id, memberIds } = await readings.getConversation(readerId, readingId);
    const place = await conversations.placeOf(id, seq);
    if (!place) throw new AppError("not_found");
    const from = { ...place, seq: seq - 1 };
    const [message] = await conversations.messages(id, { side: "newer", place: from, limit: 1 });
    const text = numberAt(message?.text ?? "", at);
    return { text, what: "number", conversationId: id, memberIds };
  }

  async function ofCustomer(readerId: string, readingId: string): Promise<Field> {
    const conversation = await readings.getConversation(readerId, readingId);
    const { customerName } = await deps.conversationViews.namesOf(conversation);
    if (customerName === null) throw new AppError("not_found");
    const { id: conversationId, memberIds } = conversation;
    return { text: customerName, what: "name", conversationId, memberIds };
  }

  async function ofCase(
    readerId: string,
    target: Extract<UnmaskTarget, { caseId: string }>,
  ): Promise<Field> {
    const opened = await deps.openCase(readerId, target.caseId);
    const { conversationId, memberId, customerName, quote, shown } = opened;
    const place = { conversationId, memberIds: [memberId] };
    if (target.kind === "case_quote") {
      return { text: numberAt(quote, target.at, shown), what: "number", ...place };
    }
    if (customerName === null) throw new AppError("not_found");
    return { text: customerName, what: "name", ...place };
  }

  async function fieldOf(readerId: string, target: UnmaskTarget): Promise<Field> {
    if (target.kind === "message") return await ofMessage(readerId, target);
    if (target.kind === "customer") return await ofCustomer(readerId, target.readingId);
    return await ofCase(readerId, target);
  }

  /** On record before it is shown. */
  async function show(
    readerId: string,
    { text, what, conversationId, memberIds }: Field,
    reason: string,
    seq?: number,
  ): Promise<UnmaskView> {
    const atMs = clock.now();
    await database.write(async (tx) => {
      const id = await logReading(tx, vault, {
        kind: "unmask",
        readerId,
        conversationId,
        purpose: reason,
        subjectIds: memberIds,
        atMs,
        act: "field.unmasked",
        details: { field: what, ...(seq === undefined ? {} : { seq }) },
      });
      await deps.onUnmasked(tx, id);
    });
    return { text, hidesAtMs: atMs + UNMASKED_MS };
  }

  return {
    async unmask({ memberId }, { target, reason }) {
      const seq = "seq" in target ? target.seq : undefined;
      return await show(memberId, await fieldOf(memberId, target), reason, seq);
    },

    async unmaskMobile({ memberId }, { customerId, index, reason }) {
      const { profile } = await deps.customers.get(customerId, memberId);
      const mine = profile.follows.find((follow) => follow.memberId === memberId);
      const text = mine?.mobiles[index];
      if (text === undefined) throw new AppError("not_found");
      const conversationId = `s:${memberId}:${customerId}`;
      const field: Field = { text, what: "number", conversationId, memberIds: [memberId] };
      return await show(memberId, field, reason);
    },
  };
}

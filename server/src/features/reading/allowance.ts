import { readingLimits } from "#shared/contract/reading-extension";
import type { Withheld } from "#shared/contract/reading-extension";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { insertNew } from "../../platform/database/insert-new.ts";
import { takeTurn } from "../../platform/database/take-turn.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { shanghaiDay } from "../../platform/shanghai-day.ts";
import type { ArchivedConversation } from "../archive/conversations.service.ts";
import { ShownMessage } from "./extension.entity.ts";
import type { Extensions } from "./extensions.service.ts";

/** Whose chats an emergency opens, until when. */
export interface EmergencyOfReader {
  memberIds: readonly string[];
  endsAtMs: number;
}

/** A message that somebody is to be shown. */
export interface Wanted {
  seq: number;
  sentAtMs: number;
  conversation: Pick<ArchivedConversation, "id" | "memberIds">;
}

export interface Admitted {
  has(seq: number): boolean;
  /** How many of them were shown today for the first time, without a second person. */
  added: number;
  /** Why the others are kept back; null when there are none. */
  withheld: Withheld | null;
}

/**
 * How much somebody may be shown without a second person: a number of messages of one conversation a day, and of all
 * together. Every way to what was said asks here, message by message; what has been shown today may be shown again.
 * A reader's requests pass one by one, so that many at once show no more than one after the other.
 */
export interface Allowance {
  /** Lets the first of these through, at most `limit` that are new, and counts them before they are shown. */
  admit(readerId: string, wanted: readonly Wanted[], limit?: number): Promise<Admitted>;
  /** Throws `reading_limited` unless the message may be shown. */
  demand(readerId: string, wanted: Wanted): Promise<void>;
}

interface Deps {
  database: Database;
  clock: Clock;
  extensions: Pick<Extensions, "activeOf">;
  emergencyOf: (readerId: string) => Promise<EmergencyOfReader | undefined>;
}

export function createAllowance({ database, clock, extensions, emergencyOf }: Deps): Allowance {
  /** What a second person, or an emergency that another will review, has opened anyway. */
  async function openedFor(readerId: string): Promise<(wanted: Wanted) => boolean> {
    const [active, emergency] = await Promise.all([
      extensions.activeOf(readerId),
      emergencyOf(readerId),
    ]);
    const named = emergency?.memberIds ?? [];
    return ({ sentAtMs, conversation }) =>
      conversation.memberIds.some((id) => named.includes(id)) ||
      active.some(
        (one) =>
          one.conversationId === conversation.id && sentAtMs >= one.fromMs && sentAtMs < one.toMs,
      );
  }

  /** Of those for whom nobody has said yes: which are counted, and why not all. */
  async function count(
    readerId: string,
    wanted: readonly Wanted[],
    limit: number,
  ): Promise<Omit<Admitted, "has"> & { seqs: number[] }> {
    const day = shanghaiDay(clock.now());
    const today = { readerId, day };
    const before = await database.read.findBy(ShownMessage, today);
    const known = new Set(before.map(({ seq }) => seq));
    if (wanted.every(({ seq }) => known.has(seq))) {
      return { seqs: wanted.map(({ seq }) => seq), added: 0, withheld: null };
    }
    return await database.write(async (tx) => {
      await takeTurn(tx, `reading:${readerId}`);
      const shown = await tx.findBy(ShownMessage, today);
      const { passed, added, withheld } = choose(wanted, shown, limit);
      await insertNew(
        tx,
        "shown_message",
        "seq",
        added.map(({ seq, conversation }) => ({
          reader_id: readerId,
          day,
          seq,
          conversation_id: conversation.id,
        })),
      );
      return { seqs: passed, added: added.length, withheld };
    });
  }

  const allowance: Allowance = {
    async admit(readerId, wanted, limit = Number.POSITIVE_INFINITY) {
      const isOpened = await openedFor(readerId);
      const rest = wanted.filter((one) => !isOpened(one));
      const none = { seqs: [], added: 0, withheld: null };
      const { added, withheld, ...counted } =
        rest.length === 0 ? none : await count(readerId, rest, limit);
      const seqs = new Set([
        ...wanted.filter((one) => isOpened(one)).map(({ seq }) => seq),
        ...counted.seqs,
      ]);
      return { has: (seq) => seqs.has(seq), added, withheld };
    },

    async demand(readerId, wanted) {
      const { withheld } = await allowance.admit(readerId, [wanted]);
      if (withheld) throw new AppError("reading_limited");
    },
  };
  return allowance;
}

/** Pure. In the order of `wanted`. */
export function choose(
  wanted: readonly Wanted[],
  shown: readonly Pick<ShownMessage, "seq" | "conversationId">[],
  limit: number,
): { passed: number[]; added: Wanted[]; withheld: Withheld | null } {
  const known = new Set(shown.map(({ seq }) => seq));
  const perConversation = new Map<string, number>();
  for (const { conversationId: id } of shown)
    perConversation.set(id, (perConversation.get(id) ?? 0) + 1);
  const passed: number[] = [];
  const added: Wanted[] = [];
  let withheld: Withheld | null = null;
  for (const one of wanted) {
    const { id } = one.conversation;
    if (!known.has(one.seq)) {
      const ofConversation = perConversation.get(id) ?? 0;
      const isDayFull = shown.length + added.length >= readingLimits.perDay;
      const isFull = ofConversation >= readingLimits.perConversation || added.length >= limit;
      if (isDayFull || isFull) {
        withheld ??= isDayFull ? "day" : "conversation";
        continue;
      }
      known.add(one.seq);
      perConversation.set(id, ofConversation + 1);
      added.push(one);
    }
    passed.push(one.seq);
  }
  return { passed, added, withheld };
}

import { In } from "typeorm";
import type { EntityManager } from "typeorm";
import { Hit } from "./case.entity.ts";

/**
 * What hits and their case are about: a message, or an act that is none (one side has deleted the other). Exactly one
 * of both is set, and it is what hits and case have in common.
 */
export interface Occasion {
  messageSeq: number | null;
  /** Names the event by its content, so that it has one effect however often WeCom tells of it. */
  eventId: string | null;
}

export function occasionKey({ messageSeq, eventId }: Occasion): string {
  return messageSeq === null ? `event ${eventId ?? ""}` : `message ${messageSeq}`;
}

/** By `occasionKey`; without hits an empty list. */
export async function hitsByOccasion(
  manager: EntityManager,
  occasions: readonly Occasion[],
): Promise<Map<string, Hit[]>> {
  const found = new Map<string, Hit[]>(occasions.map((one) => [occasionKey(one), []]));
  if (occasions.length === 0) return found;
  const seqs = occasions.flatMap(({ messageSeq }) => messageSeq ?? []);
  const events = occasions.flatMap(({ eventId }) => eventId ?? []);
  const hits = await manager.findBy(Hit, [
    ...(seqs.length > 0 ? [{ messageSeq: In(seqs) }] : []),
    ...(events.length > 0 ? [{ eventId: In(events) }] : []),
  ]);
  for (const hit of hits) found.get(occasionKey(hit))?.push(hit);
  return found;
}

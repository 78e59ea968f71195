import type { EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import type { ConversationFilter } from "#shared/contract/reading";
import { insertNew } from "../../platform/database/insert-new.ts";
import type { CanonicalObject } from "../../platform/ledger/canonical-json.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import { readingPlace } from "./reading.entity.ts";
import type { ReadingRow } from "./reading.entity.ts";

/** What a search is for, as it was when the reason was given. */
export interface SearchWish {
  text: string;
  filter: ConversationFilter;
}

/** Everything by which somebody comes to see what others said is written down here first, with why. */
export interface NewReading {
  kind: ReadingRow["kind"];
  readerId: string;
  conversationId: string | null;
  purpose: string;
  /** Of a search. */
  wish?: SearchWish;
  /** Members whose chats it concerned: they can look it up. */
  subjectIds: readonly string[];
  atMs: number;
  /** How it goes on record, and of what; the reading itself unless said otherwise. */
  act: string;
  objectId?: string;
  details?: CanonicalObject;
}

/** Who read what must outlive the deletion of any one person. */
export const READING_SUBJECT = "corp";

/** Returns the reading's id. With the caller's transaction. */
export async function logReading(
  tx: EntityManager,
  vault: Vault,
  reading: NewReading,
): Promise<string> {
  const { kind, readerId, conversationId, purpose, wish, atMs } = reading;
  const id = uuidv7();
  const sealer = await vault.sealerFor(tx, [READING_SUBJECT]);
  await insertNew(tx, "reading", "id", [
    {
      id,
      kind,
      reader_id: readerId,
      conversation_id: conversationId,
      purpose: sealer.seal(READING_SUBJECT, readingPlace(id, "purpose"), purpose),
      search: wish
        ? sealer.seal(READING_SUBJECT, readingPlace(id, "search"), JSON.stringify(wish))
        : null,
      started_at_ms: atMs,
    },
  ]);
  recordEntry(tx, {
    kind: reading.act,
    actorId: readerId,
    objectId: reading.objectId ?? id,
    atMs,
    details: { members: reading.subjectIds.length, ...reading.details },
  });
  await insertNew(
    tx,
    "reading_subject",
    "reading_id",
    reading.subjectIds.map((memberId) => ({
      member_id: memberId,
      started_at_ms: atMs,
      reading_id: id,
    })),
  );
  return id;
}

import { In, MoreThanOrEqual } from "typeorm";
import type { Database } from "../../platform/database/database.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import { readingPlace, ReadingRow, ReadingSubject } from "./reading.entity.ts";

/** A reading or search that may have shown something of a conversation. */
export interface ReadingTrace {
  id: string;
  purpose: string;
  isSearch: boolean;
}

interface Scope {
  conversationId: string;
  memberIds: readonly string[];
  fromMs: number;
}

/** Ids in one statement. */
const SLICE = 500;

/** Who opened the conversation, and every search since then whose scope it was in. */
export async function traceReadings(
  { database, vault }: { database: Database; vault: Vault },
  { conversationId, memberIds, fromMs }: Scope,
): Promise<ReadingTrace[]> {
  const subjects = await database.read.findBy(ReadingSubject, {
    memberId: In([...memberIds]),
    startedAtMs: MoreThanOrEqual(fromMs),
  });
  const ids = [...new Set(subjects.map(({ readingId }) => readingId))];
  const rows: ReadingRow[] = [];
  for (let from = 0; from < ids.length; from += SLICE) {
    rows.push(
      ...(await database.read.findBy(ReadingRow, { id: In(ids.slice(from, from + SLICE)) })),
    );
  }
  const concerned = rows.filter(
    (row) => row.kind === "search" || row.conversationId === conversationId,
  );
  return await Promise.all(
    concerned.map(async ({ id, kind, purpose }) => ({
      id,
      purpose: await vault.openText(readingPlace(id, "purpose"), purpose),
      isSearch: kind === "search",
    })),
  );
}

/** What each reading or search was for; those that were destroyed in their time are missing. */
export async function purposesOfReadings(
  { database, vault }: { database: Database; vault: Vault },
  ids: readonly string[],
): Promise<Map<string, string>> {
  const purposes = new Map<string, string>();
  for (let from = 0; from < ids.length; from += SLICE) {
    const rows = await database.read.findBy(ReadingRow, { id: In(ids.slice(from, from + SLICE)) });
    for (const { id, purpose } of rows) {
      purposes.set(id, await vault.openText(readingPlace(id, "purpose"), purpose));
    }
  }
  return purposes;
}

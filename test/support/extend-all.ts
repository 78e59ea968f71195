import { ReadingExtension } from "../../server/src/features/reading/extension.entity.ts";
import type { Database } from "../../server/src/platform/database/database.ts";

const WEEK_MS = 7 * 24 * 3600_000;

/** As if a second person had said yes to reading all of every conversation there is. */
export async function extendAll(
  database: Database,
  readerId: string,
  nowMs: number,
): Promise<void> {
  const conversations = await database.read.query<{ id: string }[]>("SELECT id FROM conversation");
  const rows = conversations.map(({ id }, index) => ({
    id: `test-${index}`,
    state: "active" as const,
    readerId,
    conversationId: id,
    fromMs: 0,
    toMs: 8.64e15,
    days: 7,
    purpose: Buffer.alloc(0),
    requestedAtMs: nowMs,
    approvedBy: "test",
    startedAtMs: nowMs,
    endsAtMs: nowMs + WEEK_MS,
    endedAtMs: null,
    endedBy: null,
  }));
  await database.write((tx) => tx.insert(ReadingExtension, rows));
}

import type { Database } from "../../platform/database/database.ts";
import { Hit, SupervisionCase } from "./case.entity.ts";

/** Hits and cases of a conversation, by which the ledger names what was found and decided there. */
export async function traceCases(
  database: Database,
  conversationId: string,
): Promise<{ id: string; note: string }[]> {
  const [hits, cases] = await Promise.all([
    database.read.findBy(Hit, { conversationId }),
    database.read.findBy(SupervisionCase, { conversationId }),
  ]);
  return [
    ...hits.map(({ id, messageSeq, ruleId, isLookBack }) => ({
      id,
      note: `存档序号 ${messageSeq} 的消息，规则 ${ruleId}${isLookBack ? "（回溯）" : ""}`,
    })),
    ...cases.map(({ id, messageSeq }) => ({ id, note: `存档序号 ${messageSeq} 的消息` })),
  ];
}

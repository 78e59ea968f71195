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
    ...hits.map(({ ruleId, isLookBack, ...hit }) => ({
      id: hit.id,
      note: `${sayOccasion(hit)}，规则 ${ruleId}${isLookBack ? "（回溯）" : ""}`,
    })),
    ...cases.map((row) => ({ id: row.id, note: sayOccasion(row) })),
  ];
}

function sayOccasion({ messageSeq }: Pick<Hit, "messageSeq">): string {
  return messageSeq === null ? "删除好友（没有消息）" : `存档序号 ${messageSeq} 的消息`;
}

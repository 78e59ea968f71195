import type { EntityManager } from "typeorm";
import { DestroyedKeyError } from "../../platform/vault/vault.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import { readArchiveMessage } from "../../wecom/archive-message.ts";
import { Message } from "./archive.entity.ts";
import { placeOfBody } from "./sealed-places.ts";

/**
 * Message id → when it was recalled, for messages that are stored after their recall. Which message a recall
 * takes back stands in its sealed body alone, so the recalls of the conversations are opened.
 */
export async function findRecalls(
  read: EntityManager,
  vault: Vault,
  conversationIds: readonly string[],
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  if (conversationIds.length === 0) return found;
  const recalls = await read
    .createQueryBuilder(Message, "m")
    .where("m.conversationId IN (:...conversationIds) AND m.action = 'recall'", { conversationIds })
    .getMany();
  for (const { seq, body, sentAtMs } of recalls) {
    try {
      const json = await vault.openText(placeOfBody(seq), body);
      const recalled = readArchiveMessage(json)?.recalledMsgId;
      if (recalled !== undefined) found.set(recalled, sentAtMs);
    } catch (error) {
      // Erased on purpose: nobody can tell any more what it took back.
      if (!(error instanceof DestroyedKeyError)) throw error;
    }
  }
  return found;
}

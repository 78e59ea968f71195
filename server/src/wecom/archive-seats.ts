import { z } from "zod";
import type { WecomClient } from "./wecom-client.ts";
import { toMemberId } from "./wecom-id.ts";

const answerShape = z.object({ ids: z.array(z.string()).default([]) });

/** The members whose chats are archived: those with a seat of the licence. Document 91614. */
export async function listArchiveSeats(client: Pick<WecomClient, "call">): Promise<string[]> {
  const { ids } = await client.call({
    api: "/msgaudit/get_permit_user_list",
    method: "POST",
    as: "archive",
    body: {},
    schema: answerShape,
  });
  return ids.map(toMemberId);
}

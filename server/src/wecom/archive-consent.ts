import { z } from "zod";
import type { WecomClient } from "./wecom-client.ts";
import { toMemberId } from "./wecom-id.ts";
import { toEpochMs } from "./wire-value.ts";

/**
 * Whether a customer agreed to the archiving of the chat with a member. "agreed_by_default" is not a
 * voluntary and explicit consent, so it stays a state of its own.
 */
export type ArchiveConsent = "agreed" | "refused" | "agreed_by_default" | "unknown";

export interface ConsentPair {
  memberId: string;
  customerId: string;
}

export interface ConsentState extends ConsentPair {
  consent: ArchiveConsent;
  changedAtMs: number | null;
}

/** 301060 above. */
const MAX_PAIRS = 100;

const consents = new Map<string, ArchiveConsent>([
  ["Agree", "agreed"],
  ["Disagree", "refused"],
  ["Default_Agree", "agreed_by_default"],
]);

const answerShape = z.object({
  agreeinfo: z
    .array(
      z.object({
        userid: z.string(),
        // WeCom's own spelling.
        exteranalopenid: z.string(),
        agree_status: z.string().catch(""),
        status_change_time: z.coerce.number().catch(0),
      }),
    )
    .default([]),
});

/** One state for each pair, in the same order; a pair that WeCom does not answer is "unknown". Document 91782. */
export async function checkSingleConsent(
  client: WecomClient,
  pairs: readonly ConsentPair[],
): Promise<ConsentState[]> {
  const found = new Map<string, Pick<ConsentState, "consent" | "changedAtMs">>();
  for (let from = 0; from < pairs.length; from += MAX_PAIRS) {
    const info = pairs
      .slice(from, from + MAX_PAIRS)
      .map(({ memberId, customerId }) => ({ userid: memberId, exteranalopenid: customerId }));
    const { agreeinfo } = await client.call({
      api: "/msgaudit/check_single_agree",
      method: "POST",
      as: "archive",
      body: { info },
      schema: answerShape,
    });
    for (const row of agreeinfo) {
      found.set(keyOf(row.userid, row.exteranalopenid), {
        consent: consents.get(row.agree_status) ?? "unknown",
        changedAtMs: row.status_change_time > 0 ? toEpochMs(row.status_change_time) : null,
      });
    }
  }
  return pairs.map(({ memberId, customerId }) => ({
    memberId,
    customerId,
    consent: "unknown",
    changedAtMs: null,
    ...found.get(keyOf(memberId, customerId)),
  }));
}

function keyOf(memberId: string, customerId: string): string {
  return `${toMemberId(memberId)} ${customerId}`;
}

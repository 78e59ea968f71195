import type { EntityManager } from "typeorm";
import { insertNew } from "../../platform/database/insert-new.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { ItemOutcome } from "../../wecom/archive-envelope.ts";
import type { ArchiveItem, OpenFailure } from "../../wecom/archive-source.ts";
import { findDestroyed, marksFor } from "./known-messages.ts";
import type { OpenedItem } from "./message-store.ts";
import { placeOfItem } from "./sealed-places.ts";

export interface FailedItem {
  item: ArchiveItem;
  reason: OpenFailure;
}

const SUBJECT = "corp";
/** As wide as the columns: these items are odd in any way. */
const MAX_ID_LENGTH = 128;
const MAX_KEY_VERSION = 2 ** 31 - 1;

/** Pairs items with what became of them; `cameAtMs` tells when WeCom delivered one. */
export function sortOutcomes(
  items: readonly ArchiveItem[],
  outcomes: readonly ItemOutcome[],
  cameAtMs: (seq: number) => number,
): { opened: OpenedItem[]; failed: FailedItem[] } {
  const opened: OpenedItem[] = [];
  const failed: FailedItem[] = [];
  items.forEach((item, index) => {
    const outcome = outcomes[index];
    if (outcome?.isOpen) {
      const { message, text: json } = outcome;
      opened.push({ item, message, json, receivedAtMs: cameAtMs(item.seq) });
    } else failed.push({ item, reason: outcome?.reason ?? "bad_ciphertext" });
  });
  return { opened, failed };
}

/**
 * Keeps items as they were received, in the transaction that moves the cursor past them. Returns how many are new:
 * an item whose seq is stored or kept already, or was destroyed in its time, has only come again.
 */
export async function keepFailedItems(
  tx: EntityManager,
  vault: Vault,
  failed: readonly FailedItem[],
  receivedAtMs: number,
): Promise<number> {
  if (failed.length === 0) return 0;
  const seqs = failed.map(({ item }) => item.seq);
  const seen = await tx.query<{ seq: string | number }[]>(
    `SELECT seq FROM message WHERE seq IN (${marksFor(seqs)})
     UNION ALL SELECT seq FROM undecodable WHERE seq IN (${marksFor(seqs)})`,
    [...seqs, ...seqs],
  );
  const known = await findDestroyed(tx, seqs);
  for (const { seq } of seen) known.add(Number(seq));
  const sealer = await vault.sealerFor(tx, [SUBJECT]);
  const rows = failed
    .filter(({ item }) => {
      const isNew = !known.has(item.seq);
      known.add(item.seq);
      return isNew;
    })
    .map(({ item, reason }) => ({
      seq: item.seq,
      msg_id: item.msgId.slice(0, MAX_ID_LENGTH),
      key_version: boundVersion(item.keyVersion),
      reason,
      item: sealer.seal(SUBJECT, placeOfItem(item.seq), JSON.stringify(item)),
      received_at_ms: receivedAtMs,
      attempts: 1,
      resolved_at_ms: null,
      excluded_by: null,
    }));
  await insertNew(tx, "undecodable", "seq", rows);
  return rows.length;
}

/** 0 when it is no version at all. */
function boundVersion(version: number): number {
  return Number.isInteger(version) && version > 0 && version <= MAX_KEY_VERSION ? version : 0;
}

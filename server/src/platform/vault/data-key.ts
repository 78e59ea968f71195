import { createHmac, timingSafeEqual } from "node:crypto";
import { joinParts } from "./aead.ts";
import type { DataKey } from "./data-key.entity.ts";
import { unwrapKey, wrapKey } from "./key-encryption-key.ts";
import type { KeyEncryptionKey } from "./key-encryption-key.ts";

/** How a data key stands in its row: wrapped, bound to the row, and with a commitment to it. */

export class DestroyedKeyError extends Error {
  override name = "DestroyedKeyError";
}

type Named = Pick<DataKey, "id" | "subjectHash" | "month">;

/** A row of the table `data_key`. */
export function sealDataKey(
  kek: KeyEncryptionKey,
  { key, ...row }: Named & { key: Buffer; createdAtMs: number },
) {
  return {
    id: row.id,
    subject_hash: row.subjectHash,
    month: row.month,
    kek_id: kek.id,
    wrapped: wrapKey(kek, key, contextOf(row)),
    commitment: commit(key),
    created_at_ms: row.createdAtMs,
    destroyed_at_ms: null,
  };
}

/** `kek` must be the one that the row names. */
export function openDataKey(kek: KeyEncryptionKey, row: DataKey): Buffer {
  if (!row.wrapped || !row.commitment) throw new DestroyedKeyError("the key was destroyed");
  const key = unwrapKey(kek, row.wrapped, contextOf(row));
  if (!timingSafeEqual(commit(key), row.commitment)) {
    throw new Error(`data key ${row.id} does not match its commitment`);
  }
  return key;
}

/** The same data key under another key encryption key. */
export function rewrap(from: KeyEncryptionKey, to: KeyEncryptionKey, row: DataKey): Buffer {
  const key = openDataKey(from, row);
  try {
    return wrapKey(to, key, contextOf(row));
  } finally {
    key.fill(0);
  }
}

function contextOf({ id, subjectHash, month }: Named): Buffer {
  return joinParts(["data-key-1", id, subjectHash, month]);
}

function commit(key: Buffer): Buffer {
  return createHmac("sha256", key).update("commit").digest();
}

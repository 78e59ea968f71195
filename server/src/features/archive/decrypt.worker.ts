import { workerData } from "node:worker_threads";
import { openItem, unwrapItemKey } from "../../wecom/archive-envelope.ts";
import type { ItemOutcome, KeyOutcome } from "../../wecom/archive-envelope.ts";
import type { PrivateKeys } from "../../wecom/archive-keys.ts";
import type { ArchiveItem } from "../../wecom/archive-source.ts";
import { refuseUnstorable } from "./storable.ts";

/** Runs in a worker thread: RSA takes a millisecond a message, which would stop the server's loop. */
const keys = workerData as PrivateKeys["keys"];

/** One outcome an item, in the same order; never throws over an item. */
export function openItems(items: readonly ArchiveItem[]): ItemOutcome[] {
  return items.map((item) => {
    try {
      return refuseUnstorable(openItem(keys, item));
    } catch {
      return { isOpen: false, reason: "invalid_json" };
    }
  });
}

/** The same up to the random key, for a source that opens the message itself. */
export function unwrapItems(items: readonly ArchiveItem[]): KeyOutcome[] {
  return items.map((item) => {
    try {
      return unwrapItemKey(keys, item);
    } catch {
      return { isOpen: false, reason: "bad_random_key" };
    }
  });
}

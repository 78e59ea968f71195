import { keyIdOf, openWith } from "./sealed-value.ts";
import type { Place } from "./sealed-value.ts";

/**
 * Unwrapped data keys by id, handed to a worker thread for one portion of work: that thread has no other way to a
 * key. Null stands for a key that was destroyed on purpose. Every key has a buffer of its own, since a thread that is
 * sent a part of a buffer gets all of it.
 */
export type KeyBundle = ReadonlyMap<string, Uint8Array | null>;

/** Ids of the keys that open these values. */
export function keyIdsOf(sealed: readonly Buffer[]): string[] {
  return [...new Set(sealed.map(keyIdOf))];
}

/** The plaintext; null when the value's key was destroyed on purpose. */
export function openFrom(bundle: KeyBundle, place: Place, sealed: Buffer): Buffer | null {
  const id = keyIdOf(sealed);
  const key = bundle.get(id);
  if (key === undefined) throw new Error("the bundle lacks the key of a value");
  return key && openWith({ id, key }, place, sealed);
}

/** When the work is done. The memory of a thread outlives what it worked on. */
export function wipe(bundle: KeyBundle): void {
  for (const key of bundle.values()) key?.fill(0);
}

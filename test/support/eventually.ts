import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 25;

/** Looks again and again until what is there `isRight`; after `withinMs` it throws with what was seen last. */
export async function eventually<T>(
  look: () => T | Promise<T>,
  isRight: (seen: T) => boolean,
  withinMs = 15_000,
): Promise<T> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (isRight(seen)) return seen;
    if (performance.now() > giveUpAt) {
      // Undefined has no JSON.
      const shown = (JSON.stringify(seen) as string | undefined) ?? "nothing";
      throw new Error(`not so after ${withinMs} ms: ${shown.slice(0, 2000)}`);
    }
    await delay(POLL_MS);
  }
}

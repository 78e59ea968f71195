import { createKey } from "../../server/src/platform/vault/key-encryption-key.ts";
import { DataKey } from "../../server/src/platform/vault/data-key.entity.ts";
import { RingKey } from "../../server/src/platform/vault/key-ring.entity.ts";
import { ringOf } from "../../server/src/platform/vault/keyring.ts";
import { rewrapAll } from "../../server/src/platform/vault/rotation.ts";
import { createVault } from "../../server/src/platform/vault/vault.ts";
import { systemClock } from "../../server/src/platform/clock.ts";
import { onEachDatabase } from "./bench-database.ts";

/** Data keys a second that are wrapped anew when the key encryption key is turned, in one process. */
export async function benchRotation(count = 100_000): Promise<void> {
  process.stdout.write("Turning the vault key\n");
  await onEachDatabase([DataKey, RingKey], async ({ name, database }) => {
    const [before, after] = [createKey(), createKey()];
    const vault = createVault(database, before, systemClock);
    for (let from = 0; from < count; from += 5000) {
      const subjects = Array.from({ length: 5000 }, (_, n) => `subject ${from + n}`);
      await database.write((tx) => vault.sealerFor(tx, subjects));
    }
    const old = ringOf(before);
    const ring = {
      current: () => Promise.resolve(after),
      get: (id: string) => (id === after.id ? Promise.resolve(after) : old.get(id)),
    };
    const startedAt = performance.now();
    const done = await rewrapAll({ database, ring, clock: systemClock });
    const perSecond = (done / (performance.now() - startedAt)) * 1000;
    process.stdout.write(
      `  ${name}: ${Math.round(perSecond)} data keys/s of ${done} (at least 10000)\n`,
    );
  });
}

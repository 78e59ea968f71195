import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDecryptPool } from "../../../../server/src/features/archive/decrypt-pool.ts";
import type { DecryptPool } from "../../../../server/src/features/archive/decrypt-pool.ts";
import type { ArchiveItem } from "../../../../server/src/wecom/archive-source.ts";
import { createTestKeys, createTestSource, openTestPool, textMessage } from "./archive-world.ts";

const keys = createTestKeys(2);
const folder = mkdtempSync(join(tmpdir(), "decrypt-pool-"));
let pool: DecryptPool | undefined;

beforeEach(() => {
  keys.deliver(1);
  keys.withdraw(2);
});

afterEach(() => pool?.close());

afterAll(() => {
  keys.remove();
  rmSync(folder, { recursive: true });
});

it("opens items in the order in which they came", async () => {
  pool = openTestPool(keys);
  const source = createTestSource(keys);
  for (let index = 0; index < 70; index += 1) source.say(textMessage(`m${index}`));
  const outcomes = await pool.open(source.items);
  expect(outcomes.map((one) => one.isOpen && one.message.msgId)).toEqual(
    source.items.map(({ msgId }) => msgId),
  );
});

it("uses a key that was added or taken away, and names files that are none", async () => {
  pool = openTestPool(keys);
  const source = createTestSource(keys);
  source.say(textMessage("m"), { keyVersion: 2 });
  const isOpen = async () => (await pool!.open(source.items))[0]!.isOpen;
  expect([pool.reload(), pool.versions(), await isOpen()]).toEqual([false, [1], false]);
  keys.deliver(2);
  expect([pool.reload(), pool.versions(), await isOpen()]).toEqual([true, [1, 2], true]);
  keys.withdraw(2);
  expect([pool.reload(), pool.versions(), await isOpen()]).toEqual([true, [1], false]);
  writeFileSync(join(keys.dir, "3.pem"), "no key");
  expect(pool.reload()).toBe(false);
  expect(pool.problems()).toMatchObject([{ file: "3.pem" }]);
  rmSync(join(keys.dir, "3.pem"));
});

it("items that kill their threads take no others with them", async () => {
  const workerFile = join(folder, "fragile.mjs");
  writeFileSync(
    workerFile,
    `export function openItems(items) {
       if (items.some(({ msgId }) => msgId === "bomb")) process.exit(1);
       return items.map(({ msgId }) => ({ isOpen: true, text: msgId, message: {} }));
     }`,
  );
  pool = createDecryptPool({ workerFile, keysDir: keys.dir, threads: 2 });
  const bombs = [7, 60, 61, 149];
  const items: ArchiveItem[] = Array.from({ length: 200 }, (_, index) => ({
    seq: index + 1,
    msgId: bombs.includes(index) ? "bomb" : `m${index}`,
    keyVersion: 1,
    encryptedRandomKey: "",
    encryptedMessage: "",
  }));
  const outcomes = await pool.open(items);
  expect(outcomes.map((one) => (one.isOpen ? one.text : one.reason))).toEqual(
    items.map(({ msgId }) => (msgId === "bomb" ? "bad_ciphertext" : msgId)),
  );
});

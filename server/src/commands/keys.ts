import { IsNull } from "typeorm";
import { loadConfig } from "../config.ts";
import { entities } from "../entities.ts";
import { systemClock } from "../platform/clock.ts";
import { openDatabase } from "../platform/database/database.ts";
import type { Database } from "../platform/database/database.ts";
import { recordEntry } from "../platform/ledger/ledger.ts";
import { createSecretFile } from "../platform/secret-file.ts";
import { DataKey } from "../platform/vault/data-key.entity.ts";
import { openDataKey } from "../platform/vault/data-key.ts";
import type { KeyEncryptionKey } from "../platform/vault/key-encryption-key.ts";
import { RingKey } from "../platform/vault/key-ring.entity.ts";
import { createKeySource } from "../platform/vault/key-source.ts";
import type { KeySource } from "../platform/vault/key-source.ts";
import { createKeyring, listWrappers } from "../platform/vault/keyring.ts";
import { makeCurrent, retire, rewrapAll } from "../platform/vault/rotation.ts";
import { joinShares, NEEDED, splitKey } from "../platform/vault/shares.ts";
import type { Terminal } from "./terminal.ts";

/** npm run keys -- <what>: the vault's key encryption keys, by hand and while the server runs. */
const USAGE = `npm run keys -- status          which keys there are, and what each still wraps
npm run keys -- add             one more key in the key file; copy the file to every server before "rotate"
npm run keys -- rotate          make a new key (or the one that was added) current and wrap everything by it
npm run keys -- retire <id>     take an old key out of the file, once nothing is wrapped by it
npm run keys -- shares          three recovery shares of the current key, any two of which rebuild it
npm run keys -- drill           prove that two shares (read from the input) rebuild the key; writes no key
npm run keys -- recover <file>  rebuild the key from two shares into a new file`;

const NO_KEY =
  "There is no key yet: the server makes one when it starts for the first time, in VAULT_KEY_FILE.";

interface Bench {
  database: Database;
  source: KeySource;
  terminal: Terminal;
}

/** Returns the exit code. */
export async function runKeys(
  [what = "", argument]: readonly string[],
  environment: Record<string, string | undefined>,
  terminal: Terminal,
): Promise<number> {
  const config = loadConfig(environment);
  const command = commands[what];
  if (!command) {
    terminal.say(USAGE);
    return what === "" ? 0 : 1;
  }
  const database = await openDatabase({ url: config.databaseUrl, entities });
  try {
    await command({ database, source: createKeySource(config.vaultKey), terminal }, argument ?? "");
    return 0;
  } catch (error) {
    terminal.say(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    await database.close();
  }
}

const commands: Record<string, (bench: Bench, argument: string) => Promise<void>> = {
  async status({ database, source, terminal }) {
    const rows = await database.read.find(RingKey, { order: { createdAtMs: "ASC" } });
    const held = new Set((await source.load()).map(({ id }) => id));
    const wrappers = await listWrappers(database.read);
    for (const { id, state, createdAtMs } of rows) {
      const days = Math.floor((Date.now() - createdAtMs) / 86_400_000);
      const where = held.has(id) ? `in the ${source.kind}` : "not here";
      const use = wrappers.includes(id) ? "in use" : "wraps nothing";
      terminal.say(`${id}  ${state}, ${days} days old, ${where}, ${use}`);
    }
    if (rows.length === 0 && held.size === 0) terminal.say(NO_KEY);
    for (const id of held) {
      if (!rows.some((row) => row.id === id)) terminal.say(`${id}  added, not in use yet`);
    }
  },

  async add({ source, terminal }) {
    const made = await source.add();
    if (!made) throw new Error(WITH_ENVIRONMENT);
    terminal.say(
      `The key ${made.id} was added. Bring it to every server, then: npm run keys -- rotate`,
    );
  },

  async rotate({ database, source, terminal }) {
    const next = await findUnused(database, source);
    const made = next ?? (await source.add());
    if (!made) throw new Error(WITH_ENVIRONMENT);
    const ring = createKeyring({ database, source, clock: systemClock });
    await ring.open();
    const deps = { database, ring, clock: systemClock };
    await makeCurrent(deps, made.id);
    terminal.say(`The key ${made.id} is current.`);
    const done = await rewrapAll(deps, (count) => terminal.say(`  ${count} data keys`));
    terminal.say(
      `${done} data keys were wrapped anew. Make new recovery shares: npm run keys -- shares`,
    );
    terminal.say('The old key is still good; "retire" it when no backup needs it any more.');
  },

  async retire({ database, source, terminal }, id) {
    const ring = createKeyring({ database, source, clock: systemClock });
    await ring.open();
    await rewrapAll({ database, ring, clock: systemClock });
    await retire({ database, ring, clock: systemClock }, id);
    const isGone = await source.remove(id);
    terminal.say(
      isGone
        ? `The key ${id} is out of the file. Backups from before the rotation open only with a copy of it.`
        : `Take the key ${id} out of VAULT_KEYS now.`,
    );
  },

  async shares({ database, source, terminal }) {
    const ring = createKeyring({ database, source, clock: systemClock });
    await ring.open();
    const key = await ring.current(database.read);
    terminal.say(`Recovery shares of the vault key ${key.id}; any ${NEEDED} rebuild it.`);
    terminal.say("Give each to another person, on paper, and keep none here.");
    for (const share of splitKey(key)) terminal.say(`\n${share}`);
    await note(database, "vault_key.shared", key.id);
  },

  async drill({ database, terminal }) {
    const key = joinShares(await readShares(terminal));
    const ring = await database.read.findOneBy(RingKey, { id: key.id });
    const opened = await countOpened(database, key);
    await note(database, "vault_key.drilled", key.id);
    terminal.say(`The two shares rebuild the key ${key.id} (${ring?.state ?? "unknown here"}).`);
    terminal.say(`It opens ${opened} data keys; no key was written anywhere.`);
    if (ring?.state !== "current") {
      throw new Error("But it is not the current key: make new shares with npm run keys -- shares");
    }
  },

  async recover({ terminal }, file) {
    if (file === "") throw new Error("Say into which file: npm run keys -- recover <file>");
    const key = joinShares(await readShares(terminal));
    const text = `${key.key.toString("hex")}\n`;
    if (!createSecretFile(file, text))
      throw new Error(`${file} is there already; nothing was written`);
    terminal.say(`The key ${key.id} is in ${file}. Set VAULT_KEY_FILE to it.`);
  },
};

const WITH_ENVIRONMENT =
  "The keys stand in VAULT_KEYS: add one there yourself (64 hexadecimal digits, e.g. openssl rand -hex 32), restart every server, then rotate.";

/** A key that was added and that no ring knows yet. */
async function findUnused(
  database: Database,
  source: KeySource,
): Promise<KeyEncryptionKey | undefined> {
  const known = new Set((await database.read.find(RingKey)).map(({ id }) => id));
  if (known.size === 0) throw new Error("Nothing has been sealed yet: start the server first.");
  return (await source.load()).find(({ id }) => !known.has(id));
}

async function readShares(terminal: Terminal): Promise<string[]> {
  const shares: string[] = [];
  // Not arguments: those stand in the shell's history and in the list of processes.
  while (shares.length < NEEDED) shares.push(await terminal.ask(`Share ${shares.length + 1}: `));
  return shares;
}

const TRIED = 1000;

/** Throws when one does not open: then it is not the key that it says it is. */
async function countOpened(database: Database, key: KeyEncryptionKey): Promise<string> {
  const [rows, total] = await database.read.findAndCount(DataKey, {
    where: { kekId: key.id, destroyedAtMs: IsNull() },
    take: TRIED,
  });
  for (const row of rows) openDataKey(key, row).fill(0);
  return `${rows.length} of ${total}`;
}

async function note(database: Database, kind: string, objectId: string): Promise<void> {
  await database.write((tx) => {
    const atMs = systemClock.now();
    recordEntry(tx, { kind, actorId: "system", objectId, atMs, details: {} });
    return Promise.resolve();
  });
}

import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createConnection } from "mysql2/promise";
import { entities } from "../../../../server/src/entities.ts";
import {
  DamagedBackupError,
  LEFT_OUT,
} from "../../../../server/src/platform/backup/backup-file.ts";
import {
  NotEmptyError,
  restoreBackup,
} from "../../../../server/src/platform/backup/restore-backup.ts";
import { openSnapshot } from "../../../../server/src/platform/backup/snapshot.ts";
import {
  removeOldBackups,
  writeBackup,
} from "../../../../server/src/platform/backup/write-backup.ts";
import { openDatabase } from "../../../../server/src/platform/database/database.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { recordEntry } from "../../../../server/src/platform/ledger/ledger.ts";
import { createKey } from "../../../../server/src/platform/vault/key-encryption-key.ts";
import { createVault } from "../../../../server/src/platform/vault/vault.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import { seededRandom } from "../../../support/random.ts";

const nowMs = Date.UTC(2026, 10, 23);
const clock = { now: () => nowMs };
const kek = createKey();
const placeOf = (rowId: string) => ({ table: "customer", column: "profile", rowId });

forEachDatabase("backup and restore", (open) => {
  let folder: string;
  let mediaDir: string;
  let database: Database;
  const others: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "backup-"));
    mediaDir = join(folder, "media");
    mkdirSync(join(mediaDir, "ab"), { recursive: true });
    writeFileSync(join(mediaDir, "ab", "one"), Buffer.alloc(100_000, 7));
    writeFileSync(join(mediaDir, "two"), "");
    database = await open(entities);
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    for (const url of others) await drop(url);
  });

  const vault = () => createVault(database, kek, clock);

  /** A row, its key and its entry in the ledger, all or nothing. */
  async function add(id: string): Promise<void> {
    await database.write(async (tx) => {
      const profile = (await vault().sealerFor(tx, [id])).seal(id, placeOf(id), `客户😀${id}`);
      await tx.query("INSERT INTO customer (id, profile, synced_at_ms) VALUES (?, ?, ?)", [
        id,
        profile,
        nowMs,
      ]);
      recordEntry(tx, { kind: "test", actorId: "system", objectId: id, atMs: nowMs, details: {} });
    });
  }

  const backup = (to = "backups", at = nowMs) =>
    writeBackup({ databaseUrl: open.url(), mediaDir, folder: join(folder, to), nowMs: at });

  /** An empty database beside the block's own: the same kind, or a SQLite file. */
  async function emptyTarget(name: string): Promise<string> {
    if (open.url().startsWith("sqlite:")) return `sqlite:${join(folder, `${name}.sqlite`)}`;
    const url = `${open.url()}_${name}`;
    others.push(url);
    await onServer(url, (schema) => `CREATE DATABASE ${schema}`);
    return url;
  }

  it("brings everything back as of one moment, while others write", async () => {
    for (let i = 0; i < 40; i += 1) await add(`before${i}`);
    const over = new AbortController();
    const writing = (async () => {
      for (let i = 0; !over.signal.aborted; i += 1) {
        await add(`during${i}`);
        await nextTurn();
      }
    })();
    const from = await backup();
    over.abort();
    await writing;

    for (const [name, targetUrl] of [
      ["same", await emptyTarget("same")],
      // The form of a backup is the same for both databases.
      ["sqlite", `sqlite:${join(folder, "cross.sqlite")}`],
    ] as const) {
      const restoredMedia = join(folder, `media-${name}`);
      const options = { from, databaseUrl: targetUrl, entities, mediaDir: restoredMedia };
      await restoreBackup(options);
      const restored = await openDatabase({ url: targetUrl, entities });
      const ids = await restored.read.query<{ id: string; profile: Buffer }[]>(
        "SELECT id, profile FROM customer",
      );
      const entries = await restored.read.query<unknown[]>("SELECT position FROM ledger_entry");
      expect(ids.length).toBeGreaterThanOrEqual(40);
      expect(entries).toHaveLength(ids.length);
      const opened = createVault(restored, kek, clock);
      for (const { id, profile } of ids) {
        expect(await opened.openText(placeOf(id), profile)).toBe(`客户😀${id}`);
      }
      await restored.close();
      expect(readFileSync(join(restoredMedia, "ab", "one"))).toEqual(Buffer.alloc(100_000, 7));
      expect(readdirSync(restoredMedia).sort()).toEqual(["ab", "two"]);
      await expect(restoreBackup(options)).rejects.toThrow(NotEmptyError);
    }
  });

  it("holds every table but those that can be had again, and no key", async () => {
    const from = await backup("complete");
    const snapshot = await openSnapshot(open.url());
    await snapshot.close();
    const files = readdirSync(from);
    for (const table of snapshot.tables) {
      const isLeftOut = LEFT_OUT.has(table) || table === "migrations";
      expect([table, files.includes(`table-${table}.lines.gz`)]).toEqual([table, !isLeftOut]);
    }
    const everything = Buffer.concat(
      files.filter((file) => file !== "media").map((file) => readFileSync(join(from, file))),
    );
    expect(everything.includes(kek.key)).toBe(false);
    expect(everything.includes(kek.key.toString("hex"))).toBe(false);
  });

  it("finds a flipped bit, a cut, a missing and a foreign file before it writes anything", async () => {
    const from = await backup("sound");
    const random = seededRandom(7);
    const files = readdirSync(from, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(from.length + 1));
    const target = `sqlite:${join(folder, "never.sqlite")}`;
    for (const file of files) {
      const bytes = readFileSync(join(from, file));
      const damages: ((path: string) => void)[] = [(path) => rmSync(path)];
      if (bytes.length > 0) {
        damages.push(
          (path) => truncateSync(path, bytes.length - 1),
          (path) => {
            const changed = Buffer.from(bytes);
            changed[random.int(0, bytes.length - 1)]! ^= 1 << random.int(0, 7);
            writeFileSync(path, changed);
          },
        );
      }
      for (const damage of damages) {
        damage(join(from, file));
        const restoring = restoreBackup({ from, databaseUrl: target, entities, mediaDir: null });
        await expect(restoring).rejects.toThrow(DamagedBackupError);
        writeFileSync(join(from, file), bytes);
      }
    }
    expect(readdirSync(folder)).not.toContain("never.sqlite");
  });

  it("removes its own backups after their time, and nothing else", async () => {
    const old = await backup("aging", nowMs - 31 * 86_400_000);
    const young = await backup("aging", nowMs - 29 * 86_400_000);
    const aging = join(folder, "aging");
    mkdirSync(join(aging, "backup-of-somebody"));
    copyFileSync(join(young, "manifest.sha256"), join(aging, "notes"));
    expect(await removeOldBackups(aging, nowMs - 30 * 86_400_000)).toBe(1);
    expect(readdirSync(aging)).not.toContain(old.slice(aging.length + 1));
    expect(readdirSync(aging)).toHaveLength(3);
  });
});

async function onServer(url: string, statement: (schema: string) => string): Promise<void> {
  const server = new URL(url);
  const schema = server.pathname.slice(1);
  server.pathname = "/";
  const connection = await createConnection(server.href);
  await connection.query(statement(schema));
  await connection.end();
}

async function drop(url: string): Promise<void> {
  await onServer(url, (schema) => `DROP DATABASE IF EXISTS ${schema}`);
}

import { generateKeyPairSync } from "node:crypto";
import { checkLedger } from "../../../../server/src/platform/ledger/check-ledger.ts";
import {
  openCheckpoint,
  signCheckpoint,
} from "../../../../server/src/platform/ledger/checkpoint.ts";
import {
  createCheckpoints,
  LedgerBrokenError,
} from "../../../../server/src/platform/ledger/checkpoints.ts";
import { openLedger, recordEntry } from "../../../../server/src/platform/ledger/ledger.ts";
import { hashLeaf } from "../../../../server/src/platform/ledger/merkle.ts";
import { signingKeyOf } from "../../../../server/src/platform/ledger/signing-key.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { forEachDatabase } from "../../../support/test-database.ts";

const key = signingKeyOf(generateKeyPairSync("ed25519").privateKey, "wecom.example.com/ledger");
const clock = { now: () => 1_790_000_000_000 };

async function record(database: Database, count: number): Promise<void> {
  await database.write((tx) => {
    for (let n = 0; n < count; n += 1) {
      const entry = { kind: "test.done", actorId: "liuyang", objectId: String(n), atMs: n };
      recordEntry(tx, { ...entry, details: {} });
    }
    return Promise.resolve();
  });
}

describe("a checkpoint", () => {
  const checkpoint = { origin: key.name, size: 7, root: hashLeaf(Buffer.from("x")) };

  it("is a signed note that opens to what was signed", () => {
    const note = signCheckpoint(checkpoint, key);
    const root = checkpoint.root.toString("base64");
    expect(note.startsWith(`${key.name}\n7\n${root}\n\n— ${key.name} `)).toBe(true);
    expect(openCheckpoint(note, key)).toEqual(checkpoint);
  });

  it("does not open when a character differs, or for another key", () => {
    const note = signCheckpoint(checkpoint, key);
    for (let at = 0; at < note.length; at += 1) {
      const other = note[at] === "A" ? "B" : "A";
      expect(openCheckpoint(note.slice(0, at) + other + note.slice(at + 1), key)).toBeNull();
    }
    const stranger = signingKeyOf(generateKeyPairSync("ed25519").privateKey, key.name);
    expect(openCheckpoint(note, stranger)).toBeNull();
  });
});

forEachDatabase("checkpoints of the ledger", (open) => {
  it("are signed as it grows and hold for ever", async () => {
    const database = await open([]);
    const checkpoints = createCheckpoints({ database, clock, key });
    await checkpoints.sign();
    expect(await checkpoints.latest()).toBeNull();
    for (const count of [1, 30, 500]) {
      await record(database, count);
      await checkpoints.sign();
      await checkpoints.sign();
      const { size } = (await checkpoints.latest())!;
      expect(size).toBe((await openLedger(database)).size);
      await database.write((tx) => checkpoints.notePublished(tx, size));
    }
    await record(database, 3);
    expect(await checkpoints.check()).toEqual({ checked: 3, broken: [] });
  });

  /** As whoever can write to the database would. */
  const tamper = (database: Database, statement: string, values: unknown[]) =>
    database.write((tx) => tx.query(statement, values));

  it("do not hold once the end was cut off, or a tile is gone; nothing is signed on top of that", async () => {
    const database = await open([]);
    const checkpoints = createCheckpoints({ database, clock, key });
    await tamper(database, "UPDATE ledger_head SET size = ?", [530]);
    expect(await checkpoints.check()).toEqual({ checked: 3, broken: [531] });
    await expect(checkpoints.sign()).rejects.toThrow(LedgerBrokenError);
    await tamper(database, "UPDATE ledger_head SET size = ?", [534]);
    await tamper(database, "DELETE FROM ledger_tile WHERE level = ?", [0]);
    expect(await checkpoints.check()).toEqual({ checked: 3, broken: [1, 31] });
  });
});

forEachDatabase("a look through the whole ledger", (open) => {
  const tamper = (database: Database, statement: string, values: unknown[]) =>
    database.write((tx) => tx.query(statement, values));

  it("finds nothing wrong with what was only written", async () => {
    const database = await open([]);
    await record(database, 700);
    expect(await checkLedger(database)).toEqual({ tiles: 45, entries: 700, broken: [] });
  });

  it("names the tile and the entry that were changed", async () => {
    const database = await open([]);
    const [tile] = await database.read.query<{ hashes: Buffer }[]>(
      "SELECT hashes FROM ledger_tile WHERE level = 0 AND tile = 3",
    );
    const changed = Buffer.from(tile!.hashes);
    changed[40]! ^= 1;
    await tamper(database, "UPDATE ledger_tile SET hashes = ? WHERE level = 0 AND tile = 3", [
      changed,
    ]);
    await tamper(database, "UPDATE ledger_entry SET actor_id = ? WHERE position = 300", ["chenli"]);
    await tamper(database, "DELETE FROM ledger_tile WHERE level = 0 AND tile = ?", [20]);
    const { broken } = await checkLedger(database);
    expect(broken).toEqual(
      expect.arrayContaining(["tile 0/3", "tile 0/20", "entry 49", "entry 300"]),
    );
  });
});

import { setImmediate as nextTurn } from "node:timers/promises";
import { IsNull, MoreThan, Not } from "typeorm";
import type { Clock } from "../clock.ts";
import type { Database } from "../database/database.ts";
import { insertNew } from "../database/insert-new.ts";
import { recordEntry } from "../ledger/ledger.ts";
import { DataKey } from "./data-key.entity.ts";
import { rewrap } from "./data-key.ts";
import type { KeyEncryptionKey } from "./key-encryption-key.ts";
import { RingKey } from "./key-ring.entity.ts";
import { listWrappers } from "./keyring.ts";
import type { Keyring } from "./keyring.ts";

/**
 * Turning the key encryption key while everything runs. The new key becomes current in one transaction; from then on
 * new data keys are wrapped by it, and the old one goes on opening what it wrapped. Then every data key is wrapped
 * anew, in steps that change only rows which are still as they were read, so that the walk may be cut off anywhere,
 * begun again, and done by several at once; a key that is destroyed meanwhile stays destroyed.
 */
export interface RotationDeps {
  database: Database;
  ring: Keyring;
  clock: Clock;
}

/** Rows that are read and wrapped in one go, and those of them that one statement changes. */
const STEP = 2000;
const SLICE = 200;
/** A transaction that began before the turn may still wrap something by the old key. */
export const REST_MS = 10 * 60_000;

export async function makeCurrent({ database, clock }: RotationDeps, id: string): Promise<void> {
  await database.write(async (tx) => {
    const nowMs = clock.now();
    const before = await tx.findOneBy(RingKey, { state: "current" });
    if (before?.id === id) return;
    await tx.update(RingKey, { state: "current" }, { state: "retiring", changedAtMs: nowMs });
    await insertNew(tx, "key_ring", "id", [
      { id, state: "current", created_at_ms: nowMs, changed_at_ms: nowMs },
    ]);
    await tx.update(RingKey, { id }, { state: "current", changedAtMs: nowMs });
    recordEntry(tx, {
      kind: "vault_key.turned",
      actorId: "system",
      objectId: id,
      atMs: nowMs,
      details: { before: before?.id ?? "" },
    });
  });
}

/** Wraps by the current key whatever another one still wraps; returns how many it was. */
export async function rewrapAll(
  { database, ring }: RotationDeps,
  tell: (done: number) => void = () => undefined,
): Promise<number> {
  const current = await ring.current(database.read);
  let done = 0;
  for (let after = ""; ;) {
    const rows = await database.read.find(DataKey, {
      where: { id: MoreThan(after), kekId: Not(current.id), wrapped: Not(IsNull()) },
      order: { id: "ASC" },
      take: STEP,
    });
    const last = rows.at(-1);
    if (!last) return done;
    done += await rewrapRows({ database, ring }, current, rows);
    tell(done);
    after = last.id;
    await nextTurn();
  }
}

async function rewrapRows(
  { database, ring }: Pick<RotationDeps, "database" | "ring">,
  current: KeyEncryptionKey,
  rows: readonly DataKey[],
): Promise<number> {
  const changes: { row: DataKey; wrapped: Buffer }[] = [];
  for (const row of rows) {
    changes.push({ row, wrapped: rewrap(await ring.get(row.kekId), current, row) });
  }
  return await database.write(async (tx) => {
    let changed = 0;
    for (let from = 0; from < changes.length; from += SLICE) {
      const slice = changes.slice(from, from + SLICE);
      const cases = slice.map(() => "WHEN ? THEN ?").join(" ");
      const marks = slice.map(() => "?").join(", ");
      await tx.query(
        `UPDATE data_key SET wrapped = CASE id ${cases} END, kek_id = ?
         WHERE id IN (${marks}) AND kek_id <> ? AND wrapped IS NOT NULL`,
        [
          ...slice.flatMap(({ row, wrapped }) => [row.id, wrapped]),
          current.id,
          ...slice.map(({ row }) => row.id),
          current.id,
        ],
      );
      changed += slice.length;
    }
    return changed;
  });
}

export class KeyInUseError extends Error {
  override name = "KeyInUseError";
}

/** After that its source may forget it. Throws `KeyInUseError` while it is current, rests or still wraps something. */
export async function retire({ database, clock }: RotationDeps, id: string): Promise<void> {
  await database.write(async (tx) => {
    const row = await tx.findOneBy(RingKey, { id });
    if (row?.state === "destroyed") return;
    const nowMs = clock.now();
    const wraps = (await listWrappers(tx)).includes(id);
    if (row?.state !== "retiring" || wraps || nowMs < row.changedAtMs + REST_MS) {
      throw new KeyInUseError(`the key ${id} is still in use`);
    }
    await tx.update(RingKey, { id }, { state: "destroyed", changedAtMs: nowMs });
    recordEntry(tx, {
      kind: "vault_key.destroyed",
      actorId: "system",
      objectId: id,
      atMs: nowMs,
      details: {},
    });
  });
}

import { createHash } from "node:crypto";
import type { EntityManager } from "typeorm";
import { beforeCommit } from "../database/database.ts";
import type { Database } from "../database/database.ts";
import { insertNew } from "../database/insert-new.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { CanonicalObject } from "./canonical-json.ts";
import { hashLeaf } from "./merkle.ts";
import { append, EMPTY_HEAD, openTree, tileName, toBytes, toHead } from "./tree.ts";
import type { ReadTiles, Tile, Tree, TreeHead } from "./tree.ts";

/**
 * The tamper-evident ledger. What is recorded joins the tree in the transaction of the thing itself: both are there
 * or neither. A later change, removal or insertion anywhere gives another root than the signed ones.
 */
export interface LedgerEntry {
  /** `<object>.<what was done>`, as in `case.decided`. */
  kind: string;
  /** A member's id, or "system". */
  actorId: string;
  objectId: string;
  atMs: number;
  /** Ids, counts and hashes. Texts that people wrote are no details: an entry is never erased. */
  details: CanonicalObject;
}

/** Told where its leaves came to stand, in the same transaction: the first one's position, from 0. */
export type Placed = (tx: EntityManager, first: number) => Promise<void>;

interface Pending {
  leaves: readonly Buffer[];
  placed: Placed;
}

/** By open transaction. */
const pending = new WeakMap<EntityManager, Pending[]>();

/** Adds hashes of leaves (see `hashLeaf`) side by side, at the end of the open transaction. */
export function appendLeaves(tx: EntityManager, leaves: readonly Buffer[], placed: Placed): void {
  if (leaves.length === 0) return;
  const waiting = pending.get(tx);
  if (waiting) waiting.push({ leaves, placed });
  else {
    pending.set(tx, [{ leaves, placed }]);
    beforeCommit(tx, growTree);
  }
}

/** Puts an act on record, at the end of the open transaction. */
export function recordEntry(tx: EntityManager, entry: LedgerEntry): void {
  appendLeaves(tx, [leafOf(entry)], async (last, position) => {
    const { kind, actorId, objectId, atMs, details } = entry;
    const row = { position, kind, actor_id: actorId, object_id: objectId, at_ms: atMs };
    await insertNew(last, "ledger_entry", "position", [
      { ...row, details: canonicalJson(details) },
    ]);
  });
}

export function leafOf(entry: LedgerEntry): Buffer {
  return hashLeaf(Buffer.from(canonicalJson(recordOfEntry(entry))));
}

/** What the leaf is the hash of. */
export function recordOfEntry(entry: LedgerEntry): CanonicalObject {
  const { kind, actorId, objectId, atMs, details } = entry;
  return { v: 1, kind, actor: actorId, object: objectId, at: atMs, details };
}

/** SHA-256 in hex, by which an entry names something too long for it that is no secret. */
export function fingerprint(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The ledger as it stands now. */
export async function openLedger(database: Database): Promise<Tree> {
  // The head first: the tiles that it counts on are never changed again.
  return openTree(await readHead(database.read), readTilesOf(database.read));
}

/** One row is the end of the ledger for everybody, so it is touched last: whoever comes next waits for a commit only. */
async function growTree(tx: EntityManager): Promise<void> {
  const waiting = pending.get(tx) ?? [];
  const leaves = waiting.flatMap((one) => one.leaves);
  const before = await takeHead(tx);
  const { size } = before;
  const { head, filled } = append(before, leaves);
  await tx.query("UPDATE ledger_head SET size = ?, unfinished = ? WHERE id = 'ledger'", [
    head.size,
    toBytes(head),
  ]);
  await insertNew(
    tx,
    "ledger_tile",
    "hashes",
    filled.map(({ level, index, hashes }) => ({ level, tile: index, hashes })),
  );
  let position = size;
  for (const { leaves: own, placed } of waiting) {
    await placed(tx, position);
    position += own.length;
  }
}

/** Takes the row for this transaction before it is read. */
async function takeHead(tx: EntityManager): Promise<TreeHead> {
  const isMysql = tx.dataSource.options.type === "mysql";
  // One statement where two would do the same: every record waits for it.
  const taken = isMysql ? await findHead(tx, "FOR UPDATE") : null;
  if (taken) return taken;
  const onRepeat = isMysql
    ? "ON DUPLICATE KEY UPDATE size = size"
    : "ON CONFLICT (id) DO UPDATE SET size = size";
  await tx.query(
    `INSERT INTO ledger_head (id, size, unfinished) VALUES ('ledger', 0, ?) ${onRepeat}`,
    [Buffer.alloc(0)],
  );
  return await readHead(tx);
}

async function readHead(manager: EntityManager): Promise<TreeHead> {
  return (await findHead(manager)) ?? EMPTY_HEAD;
}

async function findHead(manager: EntityManager, lock = ""): Promise<TreeHead | null> {
  const [row] = await manager.query<{ size: string | number; unfinished: Buffer }[]>(
    `SELECT size, unfinished FROM ledger_head WHERE id = 'ledger' ${lock}`,
  );
  return row ? toHead(Number(row.size), row.unfinished) : null;
}

function readTilesOf(manager: EntityManager): ReadTiles {
  return async (wanted) => {
    const tiles = new Map<string, Buffer>();
    for (let from = 0; from < wanted.length; from += TILES_PER_QUERY) {
      const chunk = wanted.slice(from, from + TILES_PER_QUERY);
      const rows = await manager.query<{ level: number; tile: string | number; hashes: Buffer }[]>(
        `SELECT level, tile, hashes FROM ledger_tile WHERE ${chunk.map(() => "(level = ? AND tile = ?)").join(" OR ")}`,
        chunk.flatMap(({ level, index }: Pick<Tile, "level" | "index">) => [level, index]),
      );
      for (const { level, tile, hashes } of rows) {
        tiles.set(tileName({ level, index: Number(tile) }), hashes);
      }
    }
    return tiles;
  };
}

/** SQLite takes a thousand terms in one expression. */
const TILES_PER_QUERY = 400;

import type { EntityManager } from "typeorm";
import type { Clock } from "../clock.ts";
import type { Database } from "../database/database.ts";
import { insertNew } from "../database/insert-new.ts";
import { openCheckpoint, signCheckpoint } from "./checkpoint.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { openLedger } from "./ledger.ts";
import type { SigningKey } from "./signing-key.ts";
import type { Tree } from "./tree.ts";

/** The heads of the ledger that were signed: whoever has kept one can tell whether anything before it was changed. */
export interface Checkpoints {
  /**
   * Signs where the ledger stands, unless it has not grown. Never signs what contradicts an earlier checkpoint: then
   * it throws `LedgerBrokenError`.
   */
  sign(): Promise<void>;
  /** Null before the first. */
  latest(): Promise<SignedHead | null>;
  /** The last one that people were given; null before the first. */
  latestPublished(): Promise<SignedHead | null>;
  /** What a time-stamping authority answered about this one, as it came; null without. */
  stampOf(size: number): Promise<Buffer | null>;
  /** People have been given this one, so it is checked from now on. */
  notePublished(tx: EntityManager, size: number): Promise<void>;
  /** Looks at every checkpoint that people hold, and at the latest; those that the ledger contradicts. */
  check(): Promise<{ checked: number; broken: number[] }>;
}

export interface SignedHead {
  size: number;
  /** Base64. */
  root: string;
  note: string;
  signedAtMs: number;
  publishedAtMs: number | null;
}

/** The ledger is not what it was when it was signed. */
export class LedgerBrokenError extends Error {
  override name = "LedgerBrokenError";
}

interface HeadRow {
  size: string | number;
  note: string;
  signed_at_ms: string | number;
  published_at_ms: string | number | null;
}

/** Whether a signing key has been at work here, so that no other may take its place. */
export async function hasCheckpoints(database: Database): Promise<boolean> {
  return (
    (await database.read.query<unknown[]>("SELECT 1 FROM ledger_checkpoint LIMIT 1")).length > 0
  );
}

export interface CheckpointDeps {
  database: Database;
  clock: Clock;
  key: SigningKey;
}

export function createCheckpoints({ database, clock, key }: CheckpointDeps): Checkpoints {
  async function find(condition: string): Promise<SignedHead[]> {
    const rows = await database.read.query<HeadRow[]>(
      `SELECT size, note, signed_at_ms, published_at_ms FROM ledger_checkpoint ${condition}`,
    );
    return rows.map(toHead);
  }

  async function holds(tree: Tree, { size, note }: SignedHead): Promise<boolean> {
    const said: Checkpoint | null = openCheckpoint(note, key);
    if (said?.size !== size || size > tree.size) return false;
    return said.root.equals(await tree.rootAt(size));
  }

  async function latest(): Promise<SignedHead | null> {
    return (await find("ORDER BY size DESC LIMIT 1"))[0] ?? null;
  }

  return {
    latest,

    latestPublished: async () =>
      (await find("WHERE published_at_ms IS NOT NULL ORDER BY size DESC LIMIT 1"))[0] ?? null,

    async sign() {
      const [tree, last] = [await openLedger(database), await latest()];
      if (last && !(await holds(tree, last))) {
        throw new LedgerBrokenError(`the ledger contradicts its checkpoint of ${last.size}`);
      }
      if (tree.size === (last?.size ?? 0)) return;
      const checkpoint = { origin: key.name, size: tree.size, root: await tree.rootAt(tree.size) };
      const row = {
        size: tree.size,
        note: signCheckpoint(checkpoint, key),
        signed_at_ms: clock.now(),
        published_at_ms: null,
      };
      await database.write((tx) => insertNew(tx, "ledger_checkpoint", "size", [row]));
    },

    async stampOf(size) {
      const [row] = await database.read.query<{ answer: Buffer | null }[]>(
        "SELECT answer FROM ledger_stamp WHERE size = ?",
        [size],
      );
      return row?.answer ?? null;
    },

    async notePublished(tx, size) {
      await tx.query("UPDATE ledger_checkpoint SET published_at_ms = ? WHERE size = ?", [
        clock.now(),
        size,
      ]);
    },

    async check() {
      const tree = await openLedger(database);
      const [heads, last] = [
        await find("WHERE published_at_ms IS NOT NULL ORDER BY size"),
        await latest(),
      ];
      if (last && last.publishedAtMs === null) heads.push(last);
      const broken: number[] = [];
      for (const head of heads) {
        if (!(await holds(tree, head).catch(() => false))) broken.push(head.size);
      }
      return { checked: heads.length, broken };
    },
  };
}

function toHead(row: HeadRow): SignedHead {
  return {
    size: Number(row.size),
    root: row.note.split("\n")[2] ?? "",
    note: row.note,
    signedAtMs: Number(row.signed_at_ms),
    publishedAtMs: row.published_at_ms === null ? null : Number(row.published_at_ms),
  };
}

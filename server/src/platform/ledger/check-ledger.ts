import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "../database/database.ts";
import { entryColumns, toPlacedEntry } from "./entries.ts";
import type { EntryRow } from "./entries.ts";
import { leafOf, openLedger } from "./ledger.ts";
import { TILE_WIDTH } from "./tree.ts";
import type { Tree } from "./tree.ts";

/** What was looked at and, in words for the log, what is not as it was written. */
export interface LedgerCheck {
  tiles: number;
  entries: number;
  broken: string[];
}

const STEP = 500;
/** More would tell nothing more. */
const MAX_BROKEN = 100;

/**
 * Reads the whole ledger, in small steps: every tile must be what the level above says of it, and every entry what
 * its leaf says. Together with one signed head that somebody has kept this covers everything before it.
 */
export async function checkLedger(
  database: Database,
  onProgress: OnProgress = () => Promise.resolve(),
): Promise<LedgerCheck> {
  const tree = await openLedger(database);
  const check: LedgerCheck = { tiles: 0, entries: 0, broken: [] };
  const tiles = countTiles(tree.size);
  await checkTiles(tree, check, () => onProgress(check.tiles / (tiles || 1) / 2));
  await checkEntries(database, tree, check, (position) =>
    onProgress(0.5 + position / (tree.size || 1) / 2),
  );
  return check;
}

/** Told the share that is done. */
type OnProgress = (share: number) => Promise<void>;

function countTiles(size: number): number {
  let count = 0;
  for (let span = TILE_WIDTH; span <= size; span *= TILE_WIDTH) count += Math.floor(size / span);
  return count;
}

async function checkTiles(
  tree: Tree,
  check: LedgerCheck,
  onStep: () => Promise<void>,
): Promise<void> {
  for (let level = 0, span = TILE_WIDTH; span <= tree.size; level += 1, span *= TILE_WIDTH) {
    const tiles = Math.floor(tree.size / span);
    for (let from = 0; from < tiles && check.broken.length < MAX_BROKEN; from += STEP) {
      const to = Math.min(from + STEP, tiles);
      for (const index of await tree.unequalTiles(level, from, to)) {
        check.broken.push(`tile ${level}/${index}`);
      }
      check.tiles += to - from;
      await onStep();
      await nextTurn();
    }
  }
}

async function checkEntries(
  database: Database,
  tree: Tree,
  check: LedgerCheck,
  onStep: (position: number) => Promise<void>,
): Promise<void> {
  for (let after = -1; check.broken.length < MAX_BROKEN;) {
    const rows = await database.read.query<EntryRow[]>(
      `SELECT ${entryColumns} FROM ledger_entry
       WHERE position > ? AND position < ? ORDER BY position LIMIT ${STEP}`,
      [after, tree.size],
    );
    if (rows.length === 0) return;
    const positions = rows.map(({ position }) => Number(position));
    const leaves = await tree.leavesAt(positions);
    for (const [n, row] of rows.entries()) {
      const leaf = leaves[n];
      // Where it is gone, its tile has been named.
      if (leaf && leafOfRow(row)?.equals(leaf) !== true) check.broken.push(`entry ${row.position}`);
    }
    check.entries += rows.length;
    after = positions.at(-1) ?? tree.size;
    await onStep(after);
    await nextTurn();
  }
}

/** Null when the row holds what no entry can. */
function leafOfRow(row: EntryRow): Buffer | null {
  try {
    return leafOf(toPlacedEntry(row));
  } catch {
    return null;
  }
}

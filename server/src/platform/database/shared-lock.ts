import type { EntityManager } from "typeorm";

/**
 * Ends a SELECT whose rows nobody may change before this transaction ends; others may read and lock them in the same
 * way. SQLite has one writer at a time and needs none.
 */
export function sharedLock(tx: EntityManager): string {
  return tx.dataSource.options.type === "mysql" ? "LOCK IN SHARE MODE" : "";
}

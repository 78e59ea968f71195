import type { EntityManager } from "typeorm";

/**
 * Lets transactions of one name through one after the other: the second waits here until the first has committed, and
 * sees from here on what it did. For decisions that rest on what several rows say together, which no conditional update
 * of one row can hold. On SQLite it makes the transaction a writing one before it reads.
 *
 * To be called once in a transaction and before what the decision rests on is read; whoever needs two names takes them
 * in the order of the alphabet.
 */
export async function takeTurn(tx: EntityManager, name: string): Promise<void> {
  const onRepeat =
    tx.dataSource.options.type === "mysql"
      ? "ON DUPLICATE KEY UPDATE taken = taken + 1"
      : "ON CONFLICT (name) DO UPDATE SET taken = taken + 1";
  await tx.query(`INSERT INTO turn (name, taken) VALUES (?, 1) ${onRepeat}`, [name]);
}

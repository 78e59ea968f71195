import type { EntityManager } from "typeorm";
import type { Database } from "./database.ts";

interface Waiting<T> {
  item: T;
  resolve: () => void;
  reject: (reason: unknown) => void;
}

const MAX_BATCH = 200;

/**
 * Makes many small durable inserts cost one fsync: items that arrive while a commit is under way
 * go into the next one together. The returned function settles after the item's commit; when a
 * batch fails, its items are tried one by one so that only the faulty one fails.
 */
export function createGroupCommit<T>(
  database: Database,
  insert: (tx: EntityManager, items: readonly T[]) => Promise<void>,
): (item: T) => Promise<void> {
  let waiting: Waiting<T>[] = [];
  let isFlushing = false;

  async function commit(batch: Waiting<T>[]): Promise<void> {
    try {
      await database.write((tx) =>
        insert(
          tx,
          batch.map(({ item }) => item),
        ),
      );
      for (const { resolve } of batch) resolve();
    } catch (error) {
      const [only] = batch;
      if (batch.length === 1) only?.reject(error);
      else for (const one of batch) await commit([one]);
    }
  }

  async function flush(): Promise<void> {
    isFlushing = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_BATCH);
      waiting = waiting.slice(MAX_BATCH);
      await commit(batch);
    }
    isFlushing = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!isFlushing) {
        isFlushing = true;
        // One turn of the loop lets requests that were read together commit together.
        setImmediate(() => void flush());
      }
    });
}

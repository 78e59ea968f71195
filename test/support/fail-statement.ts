import type { EntityManager } from "typeorm";
import type { Database } from "../../server/src/platform/database/database.ts";

/** Makes the n-th statement of all transactions fail; the end of each counts as one, for its COMMIT. */
export function failStatement(
  database: Database,
  n: number,
): { database: Database; hasFailed: () => boolean } {
  let count = 0;
  return {
    hasFailed: () => count >= n,
    database: {
      ...database,
      write: (work) =>
        database.write(async (tx) => {
          const onStatement = (): void => {
            count += 1;
            if (count === n) throw new Error(`statement ${n} failed`);
          };
          const restore = countStatements(tx, onStatement);
          try {
            const result = await work(tx);
            onStatement();
            return result;
          } finally {
            restore();
          }
        }),
    },
  };
}

/** Every statement of TypeORM, built or raw, passes its query runner. */
function countStatements(tx: EntityManager, onStatement: () => void): () => void {
  const runner = tx.queryRunner!;
  const query = runner.query.bind(runner);
  runner.query = ((...given: Parameters<typeof query>) => {
    onStatement();
    return query(...given);
  }) as typeof runner.query;
  return () => {
    runner.query = query;
  };
}

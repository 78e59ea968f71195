import type { QueryRunner } from "typeorm";

/** MySQL: the table, column or index is there already. */
const ALREADY_THERE = new Set<unknown>([1050, 1060, 1061]);

/**
 * Runs the statements of a migration in order. MySQL cannot undo them together, so a migration that was
 * interrupted, or that two processes began at once, goes on where it stands.
 */
export async function runStatements(
  queryRunner: QueryRunner,
  statements: readonly string[],
): Promise<void> {
  for (const statement of statements) {
    await queryRunner.query(statement).catch((error: unknown) => {
      if (!ALREADY_THERE.has((error as { errno?: unknown }).errno)) throw error;
    });
  }
}

import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

const tables = ["hit", "supervision_case"] as const;

/**
 * A hit may be about something that was done and not said (one side deletes the other): then it has no message, and
 * the event stands in its place, so that the same event has one effect.
 */
export class ActsWithoutMessage1766200000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const t = columnTypes(queryRunner);
    for (const table of tables) {
      await allowNoMessage(queryRunner, table, true);
      await runStatements(queryRunner, [`ALTER TABLE ${table} ADD COLUMN event_id ${t.hash}`]);
    }
    await runStatements(queryRunner, [
      "CREATE UNIQUE INDEX uq_hit_event_rule ON hit (event_id, rule_id)",
      "CREATE UNIQUE INDEX uq_case_event ON supervision_case (event_id)",
    ]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const on = (table: string): string => (isMysql(queryRunner) ? ` ON ${table}` : "");
    await runStatements(queryRunner, [
      `DELETE FROM case_card WHERE case_id IN
         (SELECT id FROM supervision_case WHERE message_seq IS NULL)`,
      "DELETE FROM supervision_case WHERE message_seq IS NULL",
      "DELETE FROM hit WHERE message_seq IS NULL",
      `DROP INDEX uq_hit_event_rule${on("hit")}`,
      `DROP INDEX uq_case_event${on("supervision_case")}`,
    ]);
    for (const table of tables) {
      await queryRunner.query(`ALTER TABLE ${table} DROP COLUMN event_id`);
      await allowNoMessage(queryRunner, table, false);
    }
  }
}

function isMysql({ dataSource }: QueryRunner): boolean {
  return dataSource.options.type === "mysql";
}

/** SQLite cannot change a column: the table is written anew as it was, but for that one word, with its indexes. */
async function allowNoMessage(
  queryRunner: QueryRunner,
  table: string,
  isAllowed: boolean,
): Promise<void> {
  const { bigint } = columnTypes(queryRunner);
  const [before, after] = isAllowed
    ? [`message_seq ${bigint} NOT NULL`, `message_seq ${bigint}`]
    : [`message_seq ${bigint}`, `message_seq ${bigint} NOT NULL`];
  if (isMysql(queryRunner)) {
    await queryRunner.query(`ALTER TABLE ${table} MODIFY ${after}`);
    return;
  }
  const parts = (await queryRunner.query(
    "SELECT type, sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL",
    [table],
  )) as { type: string; sql: string }[];
  const made = parts.find(({ type }) => type === "table")?.sql ?? "";
  if (!made.includes(before)) throw new Error(`${table} is not as expected`);
  const indexes = parts.filter(({ type }) => type === "index").map(({ sql }) => sql);
  await runStatements(queryRunner, [
    `ALTER TABLE ${table} RENAME TO ${table}_before`,
    made.replace(before, after),
    `INSERT INTO ${table} SELECT * FROM ${table}_before`,
    `DROP TABLE ${table}_before`,
    ...indexes,
  ]);
}

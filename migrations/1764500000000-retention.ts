import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

/**
 * How long what is kept, what is held, and what was destroyed. The books and the conversations learn of destroyed
 * messages, so that neither takes them for lost; `destroyed_message` keeps their numbers and nothing else, so that
 * a range that is pulled again does not bring them back.
 */
export class Retention1764500000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await runStatements(queryRunner, statements(queryRunner));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of tables) await queryRunner.query(`DROP TABLE IF EXISTS ${table}`);
    const isMysql = queryRunner.dataSource.options.type === "mysql";
    await queryRunner.query(
      `DROP INDEX ix_reading_subject_reading${isMysql ? " ON reading_subject" : ""}`,
    );
    await queryRunner.query("ALTER TABLE archive_books DROP COLUMN expired");
    await queryRunner.query("ALTER TABLE conversation DROP COLUMN expired_count");
    await queryRunner.query("ALTER TABLE conversation DROP COLUMN expired_to_ms");
  }
}

const tables = [
  "destroyed_message",
  "retention_policy",
  "legal_hold",
  "retention_run",
  "retention_result",
];

function statements(queryRunner: QueryRunner): string[] {
  const t = columnTypes(queryRunner);
  const create = (table: string, columns: string[]): string =>
    `CREATE TABLE ${table} (${columns.join(", ")}) ${t.tableOptions}`;
  return [
    `ALTER TABLE archive_books ADD COLUMN expired ${t.bigint} NOT NULL DEFAULT 0`,
    `ALTER TABLE conversation ADD COLUMN expired_count ${t.bigint} NOT NULL DEFAULT 0`,
    `ALTER TABLE conversation ADD COLUMN expired_to_ms ${t.bigint}`,
    // To find those whom a reading concerned when it is destroyed.
    "CREATE INDEX ix_reading_subject_reading ON reading_subject (reading_id)",
    create("destroyed_message", [`seq ${t.bigint} NOT NULL PRIMARY KEY`]),
    // One row a version; `days` is a number for each class. Nothing is ever changed here.
    create("retention_policy", [
      `version ${t.int} NOT NULL PRIMARY KEY`,
      `days ${t.json} NOT NULL`,
      `reason ${t.blob} NOT NULL`,
      `changed_by ${t.id} NOT NULL`,
      `changed_at_ms ${t.bigint} NOT NULL`,
    ]),
    // Why it was placed and released is sealed: it may name people.
    create("legal_hold", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `kind ${t.text(16)} NOT NULL`,
      `target_id ${t.text(300)} NOT NULL`,
      `conversation_id ${t.text(300)}`,
      `reason ${t.blob} NOT NULL`,
      `placed_by ${t.id} NOT NULL`,
      `placed_at_ms ${t.bigint} NOT NULL`,
      `release_reason ${t.blob}`,
      `released_by ${t.id}`,
      `released_at_ms ${t.bigint}`,
    ]),
    "CREATE INDEX ix_legal_hold_released ON legal_hold (released_at_ms)",
    create("retention_run", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `policy_version ${t.int} NOT NULL`,
      `today ${t.int} NOT NULL`,
      `state ${t.text(16)} NOT NULL`,
      `keys_destroyed ${t.bigint} NOT NULL`,
      `started_at_ms ${t.bigint} NOT NULL`,
      `until_ms ${t.bigint} NOT NULL`,
      `finished_at_ms ${t.bigint}`,
    ]),
    create("retention_result", [
      `run_id ${t.id} NOT NULL`,
      `class_id ${t.text(16)} NOT NULL`,
      `destroyed ${t.bigint} NOT NULL`,
      `held ${t.bigint} NOT NULL`,
      `from_day ${t.int}`,
      `to_day ${t.int}`,
      `CONSTRAINT pk_retention_result PRIMARY KEY (run_id, class_id)`,
    ]),
  ];
}

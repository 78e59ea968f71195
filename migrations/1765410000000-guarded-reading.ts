import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

const tables = ["turn", "shown_message", "reading_extension", "emergency"];

/**
 * Reading much needs a second person. `shown_message` counts what somebody was shown on a day without one,
 * `reading_extension` says who may read more of what until when, `emergency` who reads beyond their reach for some
 * hours and what another person thought of it afterwards. `turn` lets decisions on one person pass one by one.
 */
export class GuardedReading1765410000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const t = columnTypes(queryRunner);
    const create = (table: string, columns: string[]): string =>
      `CREATE TABLE ${table} (${columns.join(", ")}) ${t.tableOptions}`;
    await runStatements(queryRunner, [
      create("turn", [`name ${t.text(160)} NOT NULL PRIMARY KEY`, `taken ${t.bigint} NOT NULL`]),
      create("shown_message", [
        `reader_id ${t.id} NOT NULL`,
        `day ${t.int} NOT NULL`,
        `seq ${t.bigint} NOT NULL`,
        `conversation_id ${t.text(300)} NOT NULL`,
        `CONSTRAINT pk_shown_message PRIMARY KEY (reader_id, day, seq)`,
      ]),
      // Purposes, reasons and the notes of reviews are sealed: they may name a customer.
      create("reading_extension", [
        `id ${t.id} NOT NULL PRIMARY KEY`,
        `state ${t.text(16)} NOT NULL`,
        `reader_id ${t.id} NOT NULL`,
        `conversation_id ${t.text(300)} NOT NULL`,
        `from_ms ${t.bigint} NOT NULL`,
        `to_ms ${t.bigint} NOT NULL`,
        `days ${t.int} NOT NULL`,
        `purpose ${t.blob} NOT NULL`,
        `requested_at_ms ${t.bigint} NOT NULL`,
        `approved_by ${t.id}`,
        `started_at_ms ${t.bigint}`,
        `ends_at_ms ${t.bigint}`,
        `ended_at_ms ${t.bigint}`,
        `ended_by ${t.id}`,
      ]),
      "CREATE INDEX ix_reading_extension_reader ON reading_extension (reader_id, state)",
      create("emergency", [
        `id ${t.id} NOT NULL PRIMARY KEY`,
        `state ${t.text(16)} NOT NULL`,
        `cause ${t.text(16)} NOT NULL`,
        `reason ${t.blob} NOT NULL`,
        `member_ids ${t.json} NOT NULL`,
        `hours ${t.int} NOT NULL`,
        `requested_by ${t.id} NOT NULL`,
        `requested_at_ms ${t.bigint} NOT NULL`,
        `approved_by ${t.id}`,
        `opened_at_ms ${t.bigint}`,
        `ends_at_ms ${t.bigint}`,
        `ended_at_ms ${t.bigint}`,
        `review_due_at_ms ${t.bigint}`,
        `verdict ${t.text(16)}`,
        `reviewed_by ${t.id}`,
        `reviewed_at_ms ${t.bigint}`,
        `note ${t.blob}`,
      ]),
      "CREATE INDEX ix_emergency_requested_by ON emergency (requested_by, state)",
    ]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of tables) await queryRunner.query(`DROP TABLE IF EXISTS ${table}`);
  }
}

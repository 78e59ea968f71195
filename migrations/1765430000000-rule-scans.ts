import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

/**
 * History gone through with rules: trying a draft on it before it is published, and finding afterwards what a version
 * would have found. What is found so late must be told apart from what was found when it was said.
 */
export class RuleScans1765430000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const t = columnTypes(queryRunner);
    await runStatements(queryRunner, [
      // `slot` holds each person to one trial at a time, and all to one look-back.
      `CREATE TABLE rule_scan (${[
        `id ${t.id} NOT NULL PRIMARY KEY`,
        `kind ${t.text(16)} NOT NULL`,
        `slot ${t.id}`,
        `state ${t.text(16)} NOT NULL`,
        `problem ${t.text(32)}`,
        `hash ${t.hash} NOT NULL`,
        `base ${t.int} NOT NULL`,
        `from_ms ${t.bigint} NOT NULL`,
        `to_ms ${t.bigint} NOT NULL`,
        `last_seq ${t.bigint} NOT NULL`,
        `total ${t.bigint} NOT NULL`,
        `seen ${t.bigint} NOT NULL`,
        `step ${t.int} NOT NULL`,
        `attempts ${t.int} NOT NULL`,
        `place ${t.json}`,
        `tally ${t.json} NOT NULL`,
        `requested_by ${t.id} NOT NULL`,
        `started_at_ms ${t.bigint} NOT NULL`,
        `ended_at_ms ${t.bigint}`,
        `CONSTRAINT uq_rule_scan_slot UNIQUE (slot)`,
      ].join(", ")}) ${t.tableOptions}`,
      `CREATE INDEX ix_rule_scan_kind ON rule_scan (kind, started_at_ms)`,
      // Ids only: the messages are opened when somebody reads them.
      `CREATE TABLE rule_scan_sample (${[
        `id ${t.id} NOT NULL PRIMARY KEY`,
        `scan_id ${t.id} NOT NULL`,
        `position ${t.int} NOT NULL`,
        `message_seq ${t.bigint} NOT NULL`,
        `rule_id ${t.id} NOT NULL`,
        `label ${t.text(16)}`,
        `labelled_by ${t.id}`,
        `labelled_at_ms ${t.bigint}`,
      ].join(", ")}) ${t.tableOptions}`,
      `CREATE INDEX ix_rule_scan_sample_scan ON rule_scan_sample (scan_id, position)`,
      `CREATE INDEX ix_rule_scan_sample_message ON rule_scan_sample (message_seq)`,
      `ALTER TABLE hit ADD COLUMN is_look_back ${t.bool} NOT NULL DEFAULT 0`,
      `ALTER TABLE supervision_case ADD COLUMN is_look_back ${t.bool} NOT NULL DEFAULT 0`,
    ]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ["rule_scan", "rule_scan_sample"]) {
      await queryRunner.query(`DROP TABLE IF EXISTS ${table}`);
    }
    await queryRunner.query("ALTER TABLE hit DROP COLUMN is_look_back");
    await queryRunner.query("ALTER TABLE supervision_case DROP COLUMN is_look_back");
  }
}

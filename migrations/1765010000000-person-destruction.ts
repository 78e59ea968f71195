import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

/** Whose data was destroyed, by whom and how much of it: what a certificate says. */
export class PersonDestruction1765010000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const t = columnTypes(queryRunner);
    const columns = [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `person_id ${t.id} NOT NULL`,
      `kind ${t.text(16)} NOT NULL`,
      `state ${t.text(16)} NOT NULL`,
      `requested_by ${t.id} NOT NULL`,
      `requested_at_ms ${t.bigint} NOT NULL`,
      `approved_by ${t.id}`,
      `approved_at_ms ${t.bigint}`,
      `finished_at_ms ${t.bigint}`,
      `messages ${t.bigint} NOT NULL`,
      `cases ${t.bigint} NOT NULL`,
      `data_keys ${t.bigint} NOT NULL`,
      `held ${t.bigint} NOT NULL`,
      `backup_days ${t.int} NOT NULL`,
    ];
    await runStatements(queryRunner, [
      `CREATE TABLE person_destruction (${columns.join(", ")}) ${t.tableOptions}`,
      "CREATE INDEX ix_person_destruction_requested ON person_destruction (requested_at_ms)",
    ]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("DROP TABLE IF EXISTS person_destruction");
  }
}

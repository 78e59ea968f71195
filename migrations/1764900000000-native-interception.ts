import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

/** What WeCom's own interception has been told, what others told it, and how the last look at it went. */
export class NativeInterception1764900000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const t = columnTypes(queryRunner);
    const create = (table: string, columns: string[]): string =>
      `CREATE TABLE ${table} (${columns.join(", ")}) ${t.tableOptions}`;
    await runStatements(queryRunner, [
      create("native_rule", [
        `id ${t.id} NOT NULL PRIMARY KEY`,
        `wecom_rule_id ${t.id}`,
        `told ${t.json} NOT NULL`,
        `telling ${t.json}`,
        `state ${t.text(16)} NOT NULL`,
        `errcode ${t.int}`,
        `found ${t.json}`,
        `is_restoring ${t.bool} NOT NULL`,
        `checked_at_ms ${t.bigint} NOT NULL`,
      ]),
      create("native_import", [
        `wecom_rule_id ${t.id} NOT NULL PRIMARY KEY`,
        `body ${t.json} NOT NULL`,
        `created_at_ms ${t.bigint} NOT NULL`,
      ]),
      create("native_sync", [
        `id ${t.id} NOT NULL PRIMARY KEY`,
        `requested_at_ms ${t.bigint} NOT NULL`,
        `started_at_ms ${t.bigint} NOT NULL`,
        `finished_at_ms ${t.bigint}`,
        `done ${t.int} NOT NULL`,
        `total ${t.int} NOT NULL`,
        `errcode ${t.int}`,
      ]),
    ]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ["native_sync", "native_import", "native_rule"]) {
      await queryRunner.query(`DROP TABLE IF EXISTS ${table}`);
    }
  }
}

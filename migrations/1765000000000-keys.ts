import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

/**
 * Which key encryption keys there are and were, and callbacks that came while none was there: as WeCom encrypted
 * them. The search index is begun anew, since its hashes follow from another key from now on.
 */
export class Keys1765000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await runStatements(queryRunner, statements(queryRunner));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ["key_ring", "held_callback"]) {
      await queryRunner.query(`DROP TABLE IF EXISTS ${table}`);
    }
  }
}

function statements(queryRunner: QueryRunner): string[] {
  const t = columnTypes(queryRunner);
  const create = (table: string, columns: string[]): string =>
    `CREATE TABLE ${table} (${columns.join(", ")}) ${t.tableOptions}`;
  return [
    create("key_ring", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `state ${t.text(16)} NOT NULL`,
      `created_at_ms ${t.bigint} NOT NULL`,
      `changed_at_ms ${t.bigint} NOT NULL`,
    ]),
    create("held_callback", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `receiver ${t.text(16)} NOT NULL`,
      `dedupe ${t.hash} NOT NULL`,
      // The encrypted body and what its signature covers, as received.
      `delivery ${t.json} NOT NULL`,
      `received_at_ms ${t.bigint} NOT NULL`,
      `CONSTRAINT uq_held_callback_dedupe UNIQUE (dedupe)`,
    ]),
    "DELETE FROM search_cursor",
  ];
}

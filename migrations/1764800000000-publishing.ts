import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

/**
 * Rules are written in a working draft (the table `rule`, as before) and are in force as versions that never change:
 * a version names a snapshot, a snapshot names wordings by rule and revision.
 */
export class Publishing1764800000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await runStatements(queryRunner, statements(queryRunner));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of names) await queryRunner.query(`DROP TABLE IF EXISTS ${table}`);
  }
}

const names = ["rule_snapshot", "rule_version"];

function statements(queryRunner: QueryRunner): string[] {
  const t = columnTypes(queryRunner);
  const create = (table: string, columns: string[]): string =>
    `CREATE TABLE ${table} (${columns.join(", ")}) ${t.tableOptions}`;
  return [
    create("rule_snapshot", [`hash ${t.hash} NOT NULL PRIMARY KEY`, `contents ${t.json} NOT NULL`]),
    create("rule_version", [
      `number ${t.int} NOT NULL PRIMARY KEY`,
      `snapshot_hash ${t.hash} NOT NULL`,
      `kind ${t.text(16)} NOT NULL`,
      `requested_by ${t.id} NOT NULL`,
      `published_by ${t.id} NOT NULL`,
      `restores ${t.int}`,
      `published_at_ms ${t.bigint} NOT NULL`,
    ]),
  ];
}

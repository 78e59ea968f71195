import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

/** Campaigns in which every right is kept or ended by somebody else, and when rights were last used. */
export class AccessReview1765420000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await runStatements(queryRunner, statements(queryRunner));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ["access_review", "access_review_item", "permission_use"]) {
      await queryRunner.query(`DROP TABLE IF EXISTS ${table}`);
    }
  }
}

function statements(queryRunner: QueryRunner): string[] {
  const t = columnTypes(queryRunner);
  const create = (table: string, columns: string[]): string =>
    `CREATE TABLE ${table} (${columns.join(", ")}) ${t.tableOptions}`;
  return [
    create("access_review", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `kind ${t.id} NOT NULL`,
      `started_by ${t.id} NOT NULL`,
      `started_at_ms ${t.bigint} NOT NULL`,
      `due_at_ms ${t.bigint} NOT NULL`,
      `closed_at_ms ${t.bigint}`,
      // 'open', or null once it is closed: both databases let many rows be null, and one be open.
      `open_slot ${t.id}`,
      `reminders ${t.int} NOT NULL`,
    ]),
    `CREATE UNIQUE INDEX ux_access_review_open ON access_review (open_slot)`,
    `CREATE INDEX ix_access_review_started ON access_review (started_at_ms)`,
    // `reason` is what the reviewer wrote, sealed; the rest are ids.
    create("access_review_item", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `review_id ${t.id} NOT NULL`,
      `grant_id ${t.id} NOT NULL`,
      `state ${t.id} NOT NULL`,
      `decided_by ${t.id}`,
      `decided_at_ms ${t.bigint}`,
      `reason ${t.blob}`,
    ]),
    `CREATE UNIQUE INDEX ux_access_review_item_grant ON access_review_item (review_id, grant_id)`,
    `CREATE INDEX ix_access_review_item_state ON access_review_item (state, grant_id)`,
    create("permission_use", [
      `member_id ${t.id} NOT NULL`,
      `permission ${t.id} NOT NULL`,
      `used_at_ms ${t.bigint} NOT NULL`,
      `CONSTRAINT pk_permission_use PRIMARY KEY (member_id, permission)`,
    ]),
  ];
}

import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

/** Roles that people are given, and what needs a second person's yes. */
export class Access1764650000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await runStatements(queryRunner, statements(queryRunner));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ["access_grant", "approval", "approval_exclusion"]) {
      await queryRunner.query(`DROP TABLE IF EXISTS ${table}`);
    }
  }
}

function statements(queryRunner: QueryRunner): string[] {
  const t = columnTypes(queryRunner);
  const create = (table: string, columns: string[]): string =>
    `CREATE TABLE ${table} (${columns.join(", ")}) ${t.tableOptions}`;
  return [
    create("access_grant", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `member_id ${t.id} NOT NULL`,
      `role ${t.id} NOT NULL`,
      `department_ids ${t.json}`,
      `state ${t.id} NOT NULL`,
      `granted_by ${t.id} NOT NULL`,
      `granted_at_ms ${t.bigint} NOT NULL`,
      `ended_at_ms ${t.bigint}`,
      // Roles that are better kept apart, accepted by who approved it in a small company.
      `accepted_risk ${t.bool} NOT NULL DEFAULT 0`,
      // Since when it waits to be looked at again: the holder has moved to another department.
      `flagged_at_ms ${t.bigint}`,
    ]),
    `CREATE INDEX ix_access_grant_state ON access_grant (state, member_id)`,
    // `reason` and `note` are what people wrote, sealed; `payload` holds ids and numbers only.
    create("approval", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `kind ${t.id} NOT NULL`,
      `object_id ${t.text(300)} NOT NULL`,
      `payload ${t.json} NOT NULL`,
      `reason ${t.blob} NOT NULL`,
      `state ${t.id} NOT NULL`,
      `requested_by ${t.id} NOT NULL`,
      `requested_at_ms ${t.bigint} NOT NULL`,
      `expires_at_ms ${t.bigint} NOT NULL`,
      `decided_by ${t.id}`,
      `decided_at_ms ${t.bigint}`,
      `note ${t.blob}`,
    ]),
    // Who must not decide it, beside the one who asked: lists and counts are filtered by it in SQL.
    create("approval_exclusion", [
      `approval_id ${t.id} NOT NULL`,
      `member_id ${t.id} NOT NULL`,
      `CONSTRAINT pk_approval_exclusion PRIMARY KEY (approval_id, member_id)`,
    ]),
    `CREATE INDEX ix_approval_state ON approval (state, requested_at_ms, id)`,
    `CREATE INDEX ix_approval_requester ON approval (requested_by, requested_at_ms, id)`,
  ];
}

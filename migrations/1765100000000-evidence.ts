import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

/**
 * What it takes to prove something to a stranger: messages count within their conversation, so that a selection shows
 * that nothing was left out; packages of evidence, which others have to approve; and how the
 * looks through the ledger ended.
 */
export class Evidence1765100000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await runStatements(queryRunner, statements(queryRunner));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ["evidence_package", "ledger_check"]) {
      await queryRunner.query(`DROP TABLE IF EXISTS ${table}`);
    }
    const on = queryRunner.dataSource.options.type === "mysql" ? " ON ledger_entry" : "";
    for (const index of ["object", "actor"]) {
      await queryRunner.query(`DROP INDEX ix_ledger_entry_${index}${on}`);
    }
    await queryRunner.query("ALTER TABLE message DROP COLUMN ordinal");
  }
}

function statements(queryRunner: QueryRunner): string[] {
  const t = columnTypes(queryRunner);
  return [
    `ALTER TABLE message ADD COLUMN ordinal ${t.bigint} NOT NULL DEFAULT 0`,
    // The zip itself lies sealed among the files; why it was asked for is sealed here.
    `CREATE TABLE evidence_package (${[
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `state ${t.text(16)} NOT NULL`,
      `conversation_id ${t.text(300)} NOT NULL`,
      `case_id ${t.id}`,
      `from_ms ${t.bigint} NOT NULL`,
      `to_ms ${t.bigint} NOT NULL`,
      `purpose ${t.blob} NOT NULL`,
      `legal_basis ${t.text(32)} NOT NULL`,
      `requested_by ${t.id} NOT NULL`,
      `requested_at_ms ${t.bigint} NOT NULL`,
      `approved_by ${t.id}`,
      `approved_at_ms ${t.bigint}`,
      `progress ${t.int} NOT NULL`,
      `attempts ${t.int} NOT NULL`,
      `problem ${t.text(16)}`,
      `message_count ${t.bigint}`,
      `size_bytes ${t.bigint}`,
      `sha256 ${t.hash}`,
      `file_key ${t.blob}`,
      `expires_at_ms ${t.bigint}`,
    ].join(", ")}) ${t.tableOptions}`,
    "CREATE INDEX ix_evidence_package_requested ON evidence_package (requested_at_ms, id)",
    "CREATE INDEX ix_evidence_package_conversation ON evidence_package (conversation_id)",
    // To find the acts on one object, and those of one person.
    "CREATE INDEX ix_ledger_entry_object ON ledger_entry (object_id)",
    "CREATE INDEX ix_ledger_entry_actor ON ledger_entry (actor_id, position)",
    `CREATE TABLE ledger_check (${[
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `started_at_ms ${t.bigint} NOT NULL`,
      `finished_at_ms ${t.bigint}`,
      `progress ${t.int} NOT NULL`,
      `broken ${t.int} NOT NULL`,
    ].join(", ")}) ${t.tableOptions}`,
  ];
}

import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

/**
 * The tamper-evident ledger: a Merkle tree (RFC 6962) over every message and every act of weight, kept in tiles
 * that are written once, with one row that says where it ends. Nothing in it describes a person.
 */
export class Ledger1764600000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await runStatements(queryRunner, statements(queryRunner));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of names) await queryRunner.query(`DROP TABLE IF EXISTS ${table}`);
  }
}

const names = ["ledger_head", "ledger_tile", "ledger_entry", "ledger_checkpoint", "message_run"];

function statements(queryRunner: QueryRunner): string[] {
  const t = columnTypes(queryRunner);
  const create = (table: string, columns: string[]): string =>
    `CREATE TABLE ${table} (${columns.join(", ")}) ${t.tableOptions}`;
  return [
    // One row, once something is recorded. `unfinished`: the hashes of the tiles that are not full yet, from level 0 up.
    create("ledger_head", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `size ${t.bigint} NOT NULL`,
      `unfinished ${t.blob} NOT NULL`,
    ]),
    create("ledger_tile", [
      `level ${t.int} NOT NULL`,
      `tile ${t.bigint} NOT NULL`,
      `hashes ${t.blob} NOT NULL`,
      `CONSTRAINT pk_ledger_tile PRIMARY KEY (level, tile)`,
    ]),
    // Acts that are no messages, in words that name people by their ids only.
    create("ledger_entry", [
      `position ${t.bigint} NOT NULL PRIMARY KEY`,
      `kind ${t.id} NOT NULL`,
      `actor_id ${t.id} NOT NULL`,
      `object_id ${t.text(300)} NOT NULL`,
      `at_ms ${t.bigint} NOT NULL`,
      `details ${t.json} NOT NULL`,
    ]),
    `CREATE INDEX ix_ledger_entry_time ON ledger_entry (at_ms, position)`,
    create("ledger_checkpoint", [
      `size ${t.bigint} NOT NULL PRIMARY KEY`,
      `note ${t.json} NOT NULL`,
      `signed_at_ms ${t.bigint} NOT NULL`,
      `published_at_ms ${t.bigint}`,
    ]),
    // Messages that were stored together stand side by side in the ledger, in the order of their seq.
    create("message_run", [
      `first_position ${t.bigint} NOT NULL PRIMARY KEY`,
      `first_seq ${t.bigint} NOT NULL`,
      `last_seq ${t.bigint} NOT NULL`,
      `messages ${t.int} NOT NULL`,
    ]),
    `CREATE INDEX ix_message_run_seq ON message_run (last_seq, first_seq)`,
  ];
}

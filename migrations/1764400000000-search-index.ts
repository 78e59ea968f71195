import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

/**
 * The optional index for searching. It is derived from `message` and may be lost at any time. `search_cursor` says
 * up to where the index of which generation goes, `search_late` which messages at or before it are missing in it,
 * `search_month` which months it has. `search_posting` is the index itself where the database holds it.
 */
export class SearchIndex1764400000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await runStatements(queryRunner, tables(queryRunner));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ["search_cursor", "search_late", "search_month", "search_posting"]) {
      await queryRunner.query(`DROP TABLE IF EXISTS ${table}`);
    }
  }
}

function tables(queryRunner: QueryRunner): string[] {
  const t = columnTypes(queryRunner);
  const create = (table: string, columns: string[]): string =>
    `CREATE TABLE ${table} (${columns.join(", ")}) ${t.tableOptions}`;
  return [
    create("search_cursor", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `backend ${t.id} NOT NULL`,
      `generation ${t.id} NOT NULL`,
      `seq ${t.bigint} NOT NULL`,
    ]),
    create("search_late", [`seq ${t.bigint} NOT NULL PRIMARY KEY`]),
    // `yyyymm`
    create("search_month", [`month ${t.int} NOT NULL PRIMARY KEY`]),
    // By token to search, by message to forget.
    create("search_posting", [
      `month ${t.int} NOT NULL`,
      `token ${t.bigint} NOT NULL`,
      `seq ${t.bigint} NOT NULL`,
      `CONSTRAINT pk_search_posting PRIMARY KEY (month, token, seq)`,
    ]),
    "CREATE INDEX ix_search_posting_seq ON search_posting (seq)",
  ];
}

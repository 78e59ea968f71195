import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

/** What a time-stamping authority said about a published head of the ledger. */
export class TimeStamp1765430000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const t = columnTypes(queryRunner);
    await runStatements(queryRunner, [
      // `answer` is the authority's own, signed by it; nothing personal is in it. Null while asking has failed.
      `CREATE TABLE ledger_stamp (
        size ${t.bigint} NOT NULL PRIMARY KEY,
        answer ${t.blob},
        stamped_at_ms ${t.bigint},
        authority ${t.text(300)},
        failed_at_ms ${t.bigint},
        failure ${t.id}
      ) ${t.tableOptions}`,
    ]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("DROP TABLE IF EXISTS ledger_stamp");
  }
}

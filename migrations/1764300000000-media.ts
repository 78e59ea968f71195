import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

/**
 * Files of archived messages. WeCom keeps them for some days only, so each has a row from the moment its message is
 * stored; what they contain lies in a folder or an S3 store.
 */
export class Media1764300000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const t = columnTypes(queryRunner);
    const columns = [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `seq ${t.bigint} NOT NULL`,
      `position ${t.int} NOT NULL`,
      `kind ${t.text(16)} NOT NULL`,
      `state ${t.text(16)} NOT NULL`,
      `problem ${t.text(16)}`,
      `reference ${t.blob} NOT NULL`,
      `file_key ${t.blob} NOT NULL`,
      `size_bytes ${t.bigint}`,
      `sealed_bytes ${t.bigint} NOT NULL`,
      `next_index ${t.text(256)} NOT NULL`,
      `attempts ${t.int} NOT NULL`,
      `mismatches ${t.int} NOT NULL`,
      `next_try_at_ms ${t.bigint} NOT NULL`,
      `created_at_ms ${t.bigint} NOT NULL`,
      `stored_at_ms ${t.bigint}`,
    ];
    await runStatements(queryRunner, [
      `CREATE TABLE media (${columns.join(", ")}) ${t.tableOptions}`,
      `CREATE INDEX ix_media_seq ON media (seq)`,
      `CREATE INDEX ix_media_due ON media (state, next_try_at_ms)`,
    ]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("DROP TABLE IF EXISTS media");
  }
}

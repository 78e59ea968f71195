import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

/** Since when keys and secrets of the settings have been in use, so that their age can be shown. */
export class KeyAge1765300000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const t = columnTypes(queryRunner);
    await runStatements(queryRunner, [
      `CREATE TABLE key_age (id ${t.id} NOT NULL PRIMARY KEY, fingerprint ${t.blob} NOT NULL,
         since_ms ${t.bigint} NOT NULL) ${t.tableOptions}`,
    ]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("DROP TABLE IF EXISTS key_age");
  }
}

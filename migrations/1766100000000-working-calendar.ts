import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

/** The company's working calendar, in versions; before it was two settings of the environment. */
export class WorkingCalendar1766100000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const t = columnTypes(queryRunner);
    await runStatements(queryRunner, [
      `CREATE TABLE working_calendar (version ${t.int} NOT NULL PRIMARY KEY, plan ${t.json} NOT NULL,
         changed_by ${t.id} NOT NULL, changed_at_ms ${t.bigint} NOT NULL) ${t.tableOptions}`,
    ]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("DROP TABLE IF EXISTS working_calendar");
  }
}

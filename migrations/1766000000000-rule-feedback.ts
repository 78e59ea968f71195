import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

/** What was made of suggestions on rules, and an index to count reviewers' decisions of a time. */
export class RuleFeedback1766000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const t = columnTypes(queryRunner);
    await runStatements(queryRunner, [
      `CREATE TABLE rule_suggestion (id ${t.hash} NOT NULL PRIMARY KEY, rule_id ${t.id} NOT NULL,
         outcome ${t.text(16)} NOT NULL, details ${t.blob} NOT NULL, decided_by ${t.id} NOT NULL,
         decided_at_ms ${t.bigint} NOT NULL) ${t.tableOptions}`,
      "CREATE INDEX ix_rule_suggestion_decided ON rule_suggestion (decided_at_ms)",
      "CREATE INDEX ix_case_state ON supervision_case (state, sent_at_ms)",
    ]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const isMysql = queryRunner.dataSource.options.type === "mysql";
    await queryRunner.query(`DROP INDEX ix_case_state${isMysql ? " ON supervision_case" : ""}`);
    await queryRunner.query("DROP TABLE IF EXISTS rule_suggestion");
  }
}

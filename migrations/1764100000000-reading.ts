import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

/**
 * Finding and reading conversations. `conversation` and `conversation_party` say what conversations there are and who
 * takes part, so that a list need not look through the messages; both follow from `message` and are filled from it
 * here. `reading` keeps who read what and why, `reading_subject` whose chats that concerned.
 */
export class Reading1764100000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await runStatements(queryRunner, [...tables(queryRunner), ...backfill(queryRunner)]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ["conversation", "conversation_party", "reading", "reading_subject"]) {
      await queryRunner.query(`DROP TABLE IF EXISTS ${table}`);
    }
  }
}

function tables(queryRunner: QueryRunner): string[] {
  const t = columnTypes(queryRunner);
  const create = (table: string, columns: string[]): string =>
    `CREATE TABLE ${table} (${columns.join(", ")}) ${t.tableOptions}`;
  return [
    create("conversation", [
      `id ${t.text(300)} NOT NULL PRIMARY KEY`,
      `kind ${t.text(16)} NOT NULL`,
      `customer_id ${t.id}`,
      `room_id ${t.id}`,
      `message_count ${t.bigint} NOT NULL`,
      `first_at_ms ${t.bigint} NOT NULL`,
      `last_at_ms ${t.bigint} NOT NULL`,
    ]),
    "CREATE INDEX ix_conversation_last ON conversation (last_at_ms, id)",
    create("conversation_party", [
      `conversation_id ${t.text(300)} NOT NULL`,
      `party_id ${t.id} NOT NULL`,
      `is_member ${t.bool} NOT NULL`,
      `CONSTRAINT pk_conversation_party PRIMARY KEY (conversation_id, party_id)`,
    ]),
    "CREATE INDEX ix_conversation_party ON conversation_party (party_id, conversation_id)",
    // Why, and what was searched for, are sealed: both may name a customer.
    create("reading", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `kind ${t.text(16)} NOT NULL`,
      `reader_id ${t.id} NOT NULL`,
      `conversation_id ${t.text(300)}`,
      `purpose ${t.blob} NOT NULL`,
      `search ${t.blob}`,
      `started_at_ms ${t.bigint} NOT NULL`,
    ]),
    "CREATE INDEX ix_reading_reader ON reading (reader_id, started_at_ms)",
    create("reading_subject", [
      `member_id ${t.id} NOT NULL`,
      `started_at_ms ${t.bigint} NOT NULL`,
      `reading_id ${t.id} NOT NULL`,
      `CONSTRAINT pk_reading_subject PRIMARY KEY (member_id, started_at_ms, reading_id)`,
    ]),
  ];
}

/** A row that is there already stays: another process may have made it, or this one before it was interrupted. */
function backfill(queryRunner: QueryRunner): string[] {
  const unlessThere = (column: string): string =>
    queryRunner.dataSource.options.type === "mysql"
      ? `ON DUPLICATE KEY UPDATE ${column} = ${column}`
      : "ON CONFLICT DO NOTHING";
  const parties = (column: "member_id" | "customer_id"): string =>
    `INSERT INTO conversation_party (conversation_id, party_id, is_member)
     SELECT DISTINCT conversation_id, ${column}, ${column === "member_id" ? 1 : 0} FROM message
     WHERE ${column} IS NOT NULL AND action <> 'switch' ${unlessThere("is_member")}`;
  return [
    `INSERT INTO conversation
       (id, kind, customer_id, room_id, message_count, first_at_ms, last_at_ms)
     SELECT m.conversation_id,
       CASE SUBSTR(m.conversation_id, 1, 1) WHEN 's' THEN 'single' WHEN 'g' THEN 'group' ELSE 'internal' END,
       MAX(CASE WHEN m.room_id IS NULL THEN m.customer_id END), MAX(m.room_id),
       COUNT(*), MIN(m.sent_at_ms), MAX(m.sent_at_ms)
     FROM message m WHERE m.action <> 'switch' GROUP BY m.conversation_id ${unlessThere("kind")}`,
    parties("member_id"),
    parties("customer_id"),
  ];
}

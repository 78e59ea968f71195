import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

/**
 * The books of the archive: what became of every item that WeCom ever delivered, by Shanghai day and
 * conversation, so that a loss shows. With them come ranges that are pulled again, what administrators were told,
 * the call budget that all processes share, and what customers said about being archived.
 */
export class Reconciliation1764200000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await runStatements(queryRunner, [...tables(queryRunner), ...openingEntries(queryRunner)]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const isMysql = queryRunner.dataSource.options.type === "mysql";
    await queryRunner.query(`DROP INDEX ix_message_received${isMysql ? " ON message" : ""}`);
    await queryRunner.query("ALTER TABLE undecodable DROP COLUMN excluded_by");
    for (const table of names) await queryRunner.query(`DROP TABLE IF EXISTS ${table}`);
  }
}

const names = [
  "archive_books",
  "archive_day",
  "archive_repull",
  "archive_alarm",
  "call_budget",
  "consent_event",
];

function tables(queryRunner: QueryRunner): string[] {
  const t = columnTypes(queryRunner);
  const create = (table: string, columns: string[]): string =>
    `CREATE TABLE ${table} (${columns.join(", ")}) ${t.tableOptions}`;
  return [
    // `day` is the Shanghai day on which the items came, in days since 1970.
    create("archive_books", [
      `day ${t.int} NOT NULL`,
      `conversation_id ${t.text(300)} NOT NULL`,
      `pulled ${t.bigint} NOT NULL`,
      `stored ${t.bigint} NOT NULL`,
      `duplicated ${t.bigint} NOT NULL`,
      `undecodable ${t.bigint} NOT NULL`,
      `excluded ${t.bigint} NOT NULL`,
      `CONSTRAINT pk_archive_books PRIMARY KEY (day, conversation_id)`,
    ]),
    create("archive_day", [
      `day ${t.int} NOT NULL PRIMARY KEY`,
      `first_seq ${t.bigint} NOT NULL`,
      `last_seq ${t.bigint} NOT NULL`,
      `pages ${t.bigint} NOT NULL`,
      `gaps ${t.bigint} NOT NULL`,
      `skipped ${t.bigint} NOT NULL`,
      `widest_gap ${t.bigint} NOT NULL`,
      `last_page_at_ms ${t.bigint} NOT NULL`,
    ]),
    create("archive_repull", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `from_seq ${t.bigint} NOT NULL`,
      `to_seq ${t.bigint} NOT NULL`,
      `passed_seq ${t.bigint} NOT NULL`,
      `state ${t.text(16)} NOT NULL`,
      `pulled ${t.bigint} NOT NULL`,
      `stored ${t.bigint} NOT NULL`,
      `duplicated ${t.bigint} NOT NULL`,
      `undecodable ${t.bigint} NOT NULL`,
      `requested_by ${t.id} NOT NULL`,
      `requested_at_ms ${t.bigint} NOT NULL`,
      `finished_at_ms ${t.bigint}`,
      `last_error ${t.text(500)}`,
    ]),
    `CREATE INDEX ix_archive_repull_requested ON archive_repull (requested_at_ms)`,
    // One row each trouble that lasts; gone when it is over.
    create("archive_alarm", [
      `kind ${t.id} NOT NULL PRIMARY KEY`,
      `since_ms ${t.bigint} NOT NULL`,
      `step ${t.int} NOT NULL`,
      `told_at_ms ${t.bigint}`,
    ]),
    create("call_budget", [
      `name ${t.id} NOT NULL PRIMARY KEY`,
      `version ${t.bigint} NOT NULL`,
      `starts ${t.json} NOT NULL`,
    ]),
    create("consent_event", [
      `seq ${t.bigint} NOT NULL PRIMARY KEY`,
      `customer_id ${t.id} NOT NULL`,
      `member_id ${t.id}`,
      `room_id ${t.id}`,
      `state ${t.text(16)} NOT NULL`,
      `at_ms ${t.bigint} NOT NULL`,
    ]),
    `CREATE INDEX ix_consent_event_customer ON consent_event (customer_id, at_ms)`,
    // Set when an administrator has decided to wait for this item no longer.
    `ALTER TABLE undecodable ADD COLUMN excluded_by ${t.id}`,
    `CREATE INDEX ix_message_received ON message (received_at_ms, conversation_id)`,
  ];
}

/** What was pulled before there were books counts as delivered once. */
function openingEntries(queryRunner: QueryRunner): string[] {
  const isMysql = queryRunner.dataSource.options.type === "mysql";
  const day = `(received_at_ms + 28800000) ${isMysql ? "DIV" : "/"} 86400000`;
  return [
    `INSERT INTO archive_books (day, conversation_id, pulled, stored, duplicated, undecodable, excluded)
     SELECT ${day}, conversation_id, COUNT(*), COUNT(*), 0, 0, 0 FROM message
     WHERE NOT EXISTS (SELECT 1 FROM archive_books) GROUP BY 1, 2`,
    `INSERT INTO archive_books (day, conversation_id, pulled, stored, duplicated, undecodable, excluded)
     SELECT ${day}, 'unknown', COUNT(*), 0, 0, COUNT(*), 0 FROM undecodable
     WHERE resolved_at_ms IS NULL
       AND NOT EXISTS (SELECT 1 FROM archive_books WHERE conversation_id = 'unknown') GROUP BY 1`,
    `INSERT INTO archive_day (day, first_seq, last_seq, pages, gaps, skipped, widest_gap, last_page_at_ms)
     SELECT ${day}, MIN(seq), MAX(seq), 0, 0, 0, 0, MAX(received_at_ms) FROM message
     WHERE NOT EXISTS (SELECT 1 FROM archive_day) GROUP BY 1`,
    `INSERT INTO consent_event (seq, customer_id, member_id, room_id, state, at_ms)
     SELECT seq, customer_id, CASE WHEN room_id IS NULL THEN member_id END, room_id,
       CASE kind WHEN 'agree' THEN 'agreed' ELSE 'refused' END, sent_at_ms FROM message
     WHERE kind IN ('agree', 'disagree') AND customer_id IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM consent_event)`,
  ];
}

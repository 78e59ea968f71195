import type { MigrationInterface, QueryRunner } from "typeorm";
import { columnTypes } from "./column-types.ts";
import { runStatements } from "./run-statements.ts";

/**
 * The tables of the main job: callbacks come in, messages are archived, rules find hits, managers decide cases.
 * No foreign keys and no auto-increment: the hot tables must also run on a distributed database, and an
 * order of ids is no order of commits. Whatever describes a person is a sealed blob.
 */
export class Foundation1764000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await runStatements(queryRunner, statements(queryRunner));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of tables) await queryRunner.query(`DROP TABLE IF EXISTS ${table}`);
  }
}

const tables = [
  "data_key",
  "lease",
  "job",
  "live_event",
  "inbox",
  "wecom_token",
  "department",
  "member",
  "customer",
  "sign_in_attempt",
  "session",
  "archive_cursor",
  "message",
  "undecodable",
  "rule",
  "rule_revision",
  "rule_set",
  "hit",
  "supervision_case",
  "case_card",
];

function statements(queryRunner: QueryRunner): string[] {
  const t = columnTypes(queryRunner);
  const create = (table: string, columns: string[]): string =>
    `CREATE TABLE ${table} (${columns.join(", ")}) ${t.tableOptions}`;
  const index = (table: string, name: string, columns: string): string =>
    `CREATE INDEX ${name} ON ${table} (${columns})`;
  return [
    // One key a data subject and month; destroying the row's `wrapped` destroys what it sealed.
    create("data_key", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `subject_hash ${t.hash} NOT NULL`,
      `month char(6) NOT NULL`,
      `kek_id ${t.id} NOT NULL`,
      `wrapped ${t.blob}`,
      `commitment ${t.blob}`,
      `created_at_ms ${t.bigint} NOT NULL`,
      `destroyed_at_ms ${t.bigint}`,
      `CONSTRAINT uq_data_key_subject UNIQUE (subject_hash, month)`,
    ]),
    create("lease", [
      `name ${t.id} NOT NULL PRIMARY KEY`,
      `owner ${t.id} NOT NULL`,
      `fence ${t.bigint} NOT NULL`,
      `until_ms ${t.bigint} NOT NULL`,
    ]),
    create("job", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `kind ${t.id} NOT NULL`,
      `dedupe ${t.text(191)} NOT NULL`,
      `payload ${t.json} NOT NULL`,
      `state ${t.text(16)} NOT NULL`,
      `run_at_ms ${t.bigint} NOT NULL`,
      `lease_until_ms ${t.bigint} NOT NULL`,
      `owner ${t.id}`,
      `fence ${t.bigint} NOT NULL`,
      `attempts ${t.int} NOT NULL`,
      `last_error ${t.text(500)}`,
      `created_at_ms ${t.bigint} NOT NULL`,
      `finished_at_ms ${t.bigint}`,
      `CONSTRAINT uq_job_dedupe UNIQUE (dedupe)`,
    ]),
    index("job", "ix_job_due", "state, run_at_ms, id"),
    index("job", "ix_job_owner", "owner, state"),
    // Hints for open pages ("look again"), so that they reach a page held by another process.
    create("live_event", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `topic ${t.id} NOT NULL`,
      `payload ${t.json} NOT NULL`,
      `created_at_ms ${t.bigint} NOT NULL`,
    ]),
    index("live_event", "ix_live_event_created", "created_at_ms"),
    create("inbox", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `receiver ${t.text(16)} NOT NULL`,
      `dedupe ${t.hash} NOT NULL`,
      `payload ${t.blob} NOT NULL`,
      `received_at_ms ${t.bigint} NOT NULL`,
      `processed_at_ms ${t.bigint}`,
      `CONSTRAINT uq_inbox_dedupe UNIQUE (dedupe)`,
    ]),
    // Access tokens and JS-SDK tickets, shared by all processes; `refreshing_until_ms` is the lease of the one that renews.
    create("wecom_token", [
      `name ${t.id} NOT NULL PRIMARY KEY`,
      `token ${t.blob}`,
      `expires_at_ms ${t.bigint} NOT NULL`,
      `refreshing_until_ms ${t.bigint} NOT NULL`,
      `refresher ${t.id}`,
    ]),
    create("department", [
      `id ${t.int} NOT NULL PRIMARY KEY`,
      `parent_id ${t.int} NOT NULL`,
      `name ${t.text(191)} NOT NULL`,
      `leader_ids ${t.json} NOT NULL`,
      `synced_at_ms ${t.bigint} NOT NULL`,
    ]),
    create("member", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `profile ${t.blob} NOT NULL`,
      `department_ids ${t.json} NOT NULL`,
      `direct_leader_ids ${t.json} NOT NULL`,
      `is_active ${t.bool} NOT NULL`,
      `synced_at_ms ${t.bigint} NOT NULL`,
    ]),
    create("customer", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `profile ${t.blob} NOT NULL`,
      `synced_at_ms ${t.bigint} NOT NULL`,
    ]),
    // A sign-in that has been started and not come back yet; `id` is the hash of OAuth's `state`.
    create("sign_in_attempt", [
      `id ${t.hash} NOT NULL PRIMARY KEY`,
      `browser_hash ${t.hash} NOT NULL`,
      `return_to ${t.text(512)} NOT NULL`,
      `expires_at_ms ${t.bigint} NOT NULL`,
    ]),
    create("session", [
      `id ${t.hash} NOT NULL PRIMARY KEY`,
      `member_id ${t.id} NOT NULL`,
      `created_at_ms ${t.bigint} NOT NULL`,
      `last_seen_at_ms ${t.bigint} NOT NULL`,
      `expires_at_ms ${t.bigint} NOT NULL`,
    ]),
    index("session", "ix_session_member", "member_id"),
    create("archive_cursor", [
      `corp_id ${t.id} NOT NULL PRIMARY KEY`,
      `seq ${t.bigint} NOT NULL`,
      `fence ${t.bigint} NOT NULL`,
      `pulled_at_ms ${t.bigint}`,
      `last_error ${t.text(500)}`,
      `failed_at_ms ${t.bigint}`,
    ]),
    create("message", [
      `seq ${t.bigint} NOT NULL PRIMARY KEY`,
      `msg_id ${t.id} NOT NULL`,
      `conversation_id ${t.text(300)} NOT NULL`,
      `sender_id ${t.id} NOT NULL`,
      `sender_kind ${t.text(16)} NOT NULL`,
      `member_id ${t.id}`,
      `customer_id ${t.id}`,
      `room_id ${t.id}`,
      `action ${t.text(16)} NOT NULL`,
      `kind ${t.text(32)} NOT NULL`,
      `sent_at_ms ${t.bigint} NOT NULL`,
      `received_at_ms ${t.bigint} NOT NULL`,
      `recalled_at_ms ${t.bigint}`,
      `key_version ${t.int} NOT NULL`,
      `body ${t.blob} NOT NULL`,
      `CONSTRAINT uq_message_msg_id UNIQUE (msg_id)`,
    ]),
    index("message", "ix_message_conversation", "conversation_id, sent_at_ms"),
    // An item as received that could not be opened; resolved when a later try stores its message.
    create("undecodable", [
      `seq ${t.bigint} NOT NULL PRIMARY KEY`,
      `msg_id ${t.id} NOT NULL`,
      `key_version ${t.int} NOT NULL`,
      `reason ${t.text(32)} NOT NULL`,
      `item ${t.blob} NOT NULL`,
      `received_at_ms ${t.bigint} NOT NULL`,
      `attempts ${t.int} NOT NULL`,
      `resolved_at_ms ${t.bigint}`,
    ]),
    index("undecodable", "ix_undecodable_open", "resolved_at_ms, key_version"),
    create("rule", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `definition ${t.json} NOT NULL`,
      `is_enabled ${t.bool} NOT NULL`,
      `revision ${t.int} NOT NULL`,
      `updated_by ${t.id} NOT NULL`,
      `updated_at_ms ${t.bigint} NOT NULL`,
    ]),
    // Each wording that was ever in force, so that an old hit still shows what it was judged by.
    create("rule_revision", [
      `rule_id ${t.id} NOT NULL`,
      `revision ${t.int} NOT NULL`,
      `definition ${t.json} NOT NULL`,
      `CONSTRAINT pk_rule_revision PRIMARY KEY (rule_id, revision)`,
    ]),
    create("rule_set", [`id ${t.id} NOT NULL PRIMARY KEY`, `version ${t.bigint} NOT NULL`]),
    create("hit", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `message_seq ${t.bigint} NOT NULL`,
      `rule_id ${t.id} NOT NULL`,
      `rule_revision ${t.int} NOT NULL`,
      `level ${t.text(16)} NOT NULL`,
      `spans ${t.blob} NOT NULL`,
      `conversation_id ${t.text(300)} NOT NULL`,
      `sent_at_ms ${t.bigint} NOT NULL`,
      `CONSTRAINT uq_hit_message_rule UNIQUE (message_seq, rule_id)`,
    ]),
    index("hit", "ix_hit_rule", "rule_id, sent_at_ms"),
    create("supervision_case", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `message_seq ${t.bigint} NOT NULL`,
      `conversation_id ${t.text(300)} NOT NULL`,
      `member_id ${t.id} NOT NULL`,
      `customer_id ${t.id}`,
      `speaker ${t.text(16)} NOT NULL`,
      `level ${t.text(16)} NOT NULL`,
      `state ${t.text(16)} NOT NULL`,
      `decided_by ${t.id}`,
      `decided_at_ms ${t.bigint}`,
      `sent_at_ms ${t.bigint} NOT NULL`,
      `created_at_ms ${t.bigint} NOT NULL`,
      `CONSTRAINT uq_case_message UNIQUE (message_seq)`,
    ]),
    index("supervision_case", "ix_case_member", "member_id, state, sent_at_ms"),
    index("supervision_case", "ix_case_conversation", "conversation_id, sent_at_ms"),
    // One card a case and manager; `response_code` is single-use and lives 72 h.
    create("case_card", [
      `id ${t.id} NOT NULL PRIMARY KEY`,
      `case_id ${t.id} NOT NULL`,
      `manager_id ${t.id} NOT NULL`,
      `state ${t.text(16)} NOT NULL`,
      `response_code ${t.blob}`,
      `pushed_at_ms ${t.bigint}`,
      `CONSTRAINT uq_case_card UNIQUE (case_id, manager_id)`,
    ]),
  ];
}

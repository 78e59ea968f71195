import type { EntityManager } from "typeorm";
import { pino } from "pino";
import { v7 as uuidv7 } from "uuid";
import type { RetentionDays } from "#shared/contract/retention";
import { composeRetention } from "../../../../server/src/compose/retention.ts";
import type { Retention } from "../../../../server/src/compose/retention.ts";
import { entities } from "../../../../server/src/entities.ts";
import type {
  ApprovalKind,
  ApprovalRequest,
} from "../../../../server/src/features/approvals/approvals.service.ts";
import { addReconciliationRoutes } from "../../../../server/src/features/reconciliation/reconciliation.routes.ts";
import type { DecryptPool } from "../../../../server/src/features/archive/decrypt-pool.ts";
import type { ColumnValue } from "../../../../server/src/platform/database/insert-new.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import type { Jobs } from "../../../../server/src/platform/jobs/jobs.ts";
import { createJobs } from "../../../../server/src/platform/jobs/jobs.ts";
import { createVault } from "../../../../server/src/platform/vault/vault.ts";
import type { Vault } from "../../../../server/src/platform/vault/vault.ts";
import { admin, createTestApi } from "../../../support/test-api.ts";
import type { TestApi } from "../../../support/test-api.ts";
import { kek, openArchiveWorld, textMessage } from "../archive/archive-world.ts";
import type { ArchiveWorld, TestSource } from "../archive/archive-world.ts";
import { openReconciliation } from "../reconciliation/reconciliation-world.ts";

export { entities };
export const DAY_MS = 24 * 3600_000;
/** Noon, Asia/Shanghai. */
export const START_MS = Date.parse("2026-11-23T12:00:00+08:00");

export const shortDays: RetentionDays = {
  single: 100,
  group: 60,
  internal: 30,
  case: 365,
  undecodable: 100,
  reading: 183,
  rule_scan: 30,
};

/** A database with an archive and its retention, in a time that the test moves. */
export interface RetentionWorld {
  database: Database;
  archive: ArchiveWorld;
  retention: Retention;
  vault: Vault;
  jobs: Jobs;
  api: TestApi;
  time: { nowMs: number };
  /** What `forget` was told. */
  forgotten: number[];
  /** The second person is played by the test. */
  approvals: Map<string, ApprovalKind<unknown>>;
  requested: ApprovalRequest[];
}

export interface WorldOptions {
  database: Database;
  source: TestSource;
  pool: DecryptPool;
  time: { nowMs: number };
  stepSize?: number;
  forget?: (tx: EntityManager, seqs: readonly number[]) => Promise<void>;
}

export function openRetentionWorld(options: WorldOptions): RetentionWorld {
  const { database, source, pool, time } = options;
  const log = pino({ level: "silent" });
  const clock = { now: () => time.nowMs };
  const vault = createVault(database, kek, clock);
  const jobs = createJobs(database, log);
  const forgotten: number[] = [];
  const names = new Map([
    ["chenli", "陈丽"],
    ["liuyang", "刘洋"],
    ["lizhi", "李志"],
  ]);
  const world = {
    approvals: new Map<string, ApprovalKind<unknown>>(),
    requested: [] as ApprovalRequest[],
  };
  const archive = openArchiveWorld(database, source, pool, { clock, pageSize: 50 });
  const retention = composeRetention({
    database,
    vault,
    jobs,
    clock,
    log,
    members: {
      namesOf: () => Promise.resolve(names),
      find: (id) =>
        Promise.resolve(
          names.has(id)
            ? { id, name: names.get(id) ?? "", departmentIds: [], isActive: id !== "lizhi" }
            : undefined,
        ) as never,
    },
    hitMarks: {
      async placeOf(caseId) {
        const [row] = await database.read.query<Record<string, string>[]>(
          "SELECT conversation_id, message_seq, member_id FROM supervision_case WHERE id = ?",
          [caseId],
        );
        return (
          row && {
            conversationId: row["conversation_id"]!,
            messageSeq: Number(row["message_seq"]),
            memberId: row["member_id"]!,
          }
        );
      },
    },
    forget: [
      async (tx, seqs) => {
        await options.forget?.(tx, seqs);
        forgotten.push(...seqs);
      },
    ],
    approvals: {
      register: (kind) => {
        world.approvals.set(kind.kind, kind as never);
      },
      request: (_tx, request) => {
        world.requested.push(request);
        return Promise.resolve("approval");
      },
    },
    backupDays: 30,
    ...(options.stepSize === undefined ? {} : { stepSize: options.stepSize }),
  });
  retention.registerJobs();
  const { reconciliation } = openReconciliation(database, archive, clock);
  return {
    database,
    archive,
    retention,
    vault,
    jobs,
    time,
    forgotten,
    ...world,
    api: createTestApi((routes) => {
      retention.addRoutes(routes);
      addReconciliationRoutes(routes, { reconciliation, repulls: archive.repulls });
    }),
  };
}

/** Lets messages come, `daysAgo` before the time, each `[from, to]` or `[from, , room]`; returns their seqs. */
export async function arrive(
  world: RetentionWorld,
  source: TestSource,
  daysAgo: number,
  said: readonly { from: string; to?: string; room?: string; text?: string }[],
): Promise<number[]> {
  const nowMs = world.time.nowMs;
  world.time.nowMs = nowMs - daysAgo * DAY_MS;
  const seqs = said.map(({ from, to, room, text }) =>
    source.say({
      ...textMessage(`${uuidv7()}_external`, text ?? "说", {
        from,
        to: to === undefined ? [] : [to],
        ...(room === undefined ? {} : { room }),
      }),
      msgtime: world.time.nowMs - 1000,
    }),
  );
  await world.archive.pulls.pull();
  world.time.nowMs = nowMs;
  return seqs;
}

/** Makes the policy these days, at once. */
export async function setDays(world: RetentionWorld, days: Partial<RetentionDays>): Promise<void> {
  const { body } = await world.api.get(admin, "/api/admin/retention");
  const answer = await world.api.send(admin, "post", "/api/admin/retention/policy", {
    version: (body as { version: number }).version,
    days: { ...shortDays, ...days },
    reason: "测试用的期限",
  });
  if (answer.status !== 200) throw new Error(`policy refused: ${answer.text}`);
}

export async function placeHold(
  world: RetentionWorld,
  kind: "person" | "conversation" | "case",
  targetId: string,
): Promise<string> {
  const answer = await world.api.send(admin, "post", "/api/admin/retention/holds", {
    kind,
    targetId,
    reason: "客户投诉，等待仲裁",
  });
  if (answer.status !== 201) throw new Error(`hold refused: ${answer.text}`);
  return (answer.body as { id: string }).id;
}

/** A case of a stored message, with its hit. */
export async function addCase(
  database: Database,
  seq: number,
  state: "open" | "handled" | "false_alarm",
): Promise<string> {
  const id = uuidv7();
  await database.write((tx) =>
    tx.query(
      `INSERT INTO supervision_case (id, message_seq, conversation_id, member_id, customer_id, speaker, level,
         state, decided_by, decided_at_ms, sent_at_ms, created_at_ms)
       SELECT ?, seq, conversation_id, 'chenli', customer_id, 'member', 'caution', ?, NULL, NULL, sent_at_ms,
         received_at_ms FROM message WHERE seq = ?`,
      [id, state, seq],
    ),
  );
  return id;
}

export async function seqsIn(
  database: Database,
  table: "message" | "hit" | "supervision_case" | "undecodable" | "destroyed_message",
): Promise<number[]> {
  const column = table === "hit" || table === "supervision_case" ? "message_seq" : "seq";
  const rows = await database.read.query<{ n: string | number }[]>(
    `SELECT ${column} AS n FROM ${table} ORDER BY ${column}`,
  );
  return rows.map(({ n }) => Number(n));
}

/** All rows of all tables; the returned function puts them back. */
export async function snapshot(database: Database): Promise<() => Promise<void>> {
  const names = database.read.dataSource.entityMetadatas.map(({ tableName }) => tableName);
  const tables = new Map<string, Record<string, ColumnValue>[]>();
  for (const name of names) tables.set(name, await database.read.query(`SELECT * FROM ${name}`));
  return () =>
    database.write(async (tx) => {
      await tx.query("DELETE FROM lease");
      for (const [name, rows] of tables) {
        await tx.query(`DELETE FROM ${name}`);
        for (const row of rows) {
          const marks = Object.keys(row).map(() => "?");
          await tx.query(`INSERT INTO ${name} VALUES (${marks.join(", ")})`, Object.values(row));
        }
      }
    });
}

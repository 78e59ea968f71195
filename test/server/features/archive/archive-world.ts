import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pino } from "pino";
import { v7 as uuidv7 } from "uuid";
import {
  ArchiveCursor,
  Message,
  Undecodable,
} from "../../../../server/src/features/archive/archive.entity.ts";
import { registerArchiveJobs } from "../../../../server/src/features/archive/archive.jobs.ts";
import type { ArchivedMessage } from "../../../../server/src/features/archive/archived-message.ts";
import { CallBudgetRow } from "../../../../server/src/features/archive/call-budget.entity.ts";
import { ConsentEvent } from "../../../../server/src/features/archive/consent.entity.ts";
import { Conversation } from "../../../../server/src/features/archive/conversation.entity.ts";
import { createDecryptPool } from "../../../../server/src/features/archive/decrypt-pool.ts";
import type { DecryptPool } from "../../../../server/src/features/archive/decrypt-pool.ts";
import {
  ArchiveDay,
  BookRow,
} from "../../../../server/src/features/archive/archive-books.entity.ts";
import { createMessageStore } from "../../../../server/src/features/archive/message-store.ts";
import { createPullService } from "../../../../server/src/features/archive/pull.service.ts";
import type { PullService } from "../../../../server/src/features/archive/pull.service.ts";
import { createArchiveReader } from "../../../../server/src/features/archive/reader.service.ts";
import type { ArchiveReader } from "../../../../server/src/features/archive/reader.service.ts";
import { RepullRow } from "../../../../server/src/features/archive/repull.entity.ts";
import { createRepullService } from "../../../../server/src/features/archive/repull.service.ts";
import type { RepullService } from "../../../../server/src/features/archive/repull.service.ts";
import { createUndecodableService } from "../../../../server/src/features/archive/undecodable.service.ts";
import type { UndecodableService } from "../../../../server/src/features/archive/undecodable.service.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { createLiveEvents } from "../../../../server/src/platform/events/live-events.ts";
import { Job } from "../../../../server/src/platform/jobs/job.entity.ts";
import { createJobs } from "../../../../server/src/platform/jobs/jobs.ts";
import type { Jobs } from "../../../../server/src/platform/jobs/jobs.ts";
import { DataKey } from "../../../../server/src/platform/vault/data-key.entity.ts";
import { createVault } from "../../../../server/src/platform/vault/vault.ts";
import type { ArchiveItem, ArchiveSource } from "../../../../server/src/wecom/archive-source.ts";
import { sealArchiveItem } from "../../../simulator/crypto/archive-crypto.ts";

export const entities = [
  Message,
  Conversation,
  Undecodable,
  ArchiveCursor,
  ArchiveDay,
  BookRow,
  CallBudgetRow,
  RepullRow,
  ConsentEvent,
  Job,
  DataKey,
];
export const corpId = "wwtest";
const RULE = "rule-1";
export const kek = { id: "0123456789abcdef", key: randomBytes(32) };
const log = pino({ level: "silent" });

/** A folder of private keys and the public halves that WeCom would use. */
export interface TestKeys {
  dir: string;
  publicKey(version: number): KeyObject;
  /** Puts the private key of that version into the folder. */
  deliver(version: number): void;
  withdraw(version: number): void;
  remove(): void;
}

export function createTestKeys(versions: number): TestKeys {
  const dir = mkdtempSync(join(tmpdir(), "archive-keys-"));
  const pairs = Array.from({ length: versions }, () =>
    generateKeyPairSync("rsa", { modulusLength: 2048 }),
  );
  const file = (version: number): string => join(dir, `${version}.pem`);
  return {
    dir,
    publicKey: (version) => pairs[version - 1]!.publicKey,
    deliver(version) {
      const pem = pairs[version - 1]!.privateKey.export({ type: "pkcs8", format: "pem" });
      writeFileSync(file(version), pem);
    },
    withdraw: (version) => rmSync(file(version), { force: true }),
    remove: () => rmSync(dir, { recursive: true }),
  };
}

/** The worker as it runs from sources. */
export function openTestPool(keys: TestKeys): DecryptPool {
  return createDecryptPool({
    workerFile: resolve("server/src/features/archive/decrypt.worker.ts"),
    execArgv: ["--conditions=source", "--import", "tsx"],
    keysDir: keys.dir,
    threads: 2,
  });
}

/** WeCom's side: items in the order of their seq; `onPull` sees each call before it is answered. */
export interface TestSource extends Pick<ArchiveSource, "pull"> {
  items: ArchiveItem[];
  askedAfter: number[];
  onPull: ((call: number) => Promise<void> | void) | null;
  /** Seals a message under the newest seq; the sequence has holes, as WeCom's has. */
  say(message: Record<string, unknown>, options?: { keyVersion?: number; seq?: number }): number;
}

export function createTestSource(keys: TestKeys): TestSource {
  const source: TestSource = {
    items: [],
    askedAfter: [],
    onPull: null,
    async pull(afterSeq, limit) {
      source.askedAfter.push(afterSeq);
      await source.onPull?.(source.askedAfter.length);
      return source.items.filter(({ seq }) => seq > afterSeq).slice(0, limit);
    },
    say(message, options = {}) {
      const seq = options.seq ?? (source.items.at(-1)?.seq ?? 0) + 1 + (source.items.length % 3);
      const keyVersion = options.keyVersion ?? 1;
      const sealed = sealArchiveItem(keys.publicKey(keyVersion), JSON.stringify(message));
      source.items.push({
        seq,
        msgId: String(message["msgid"]),
        keyVersion,
        encryptedRandomKey: sealed.encryptRandomKey,
        encryptedMessage: sealed.encryptChatMsg,
      });
      return seq;
    },
  };
  return source;
}

export function textMessage(
  msgid: string,
  text = `说 ${msgid}`,
  parties: { from?: string; to?: string[]; room?: string } = {},
): Record<string, unknown> {
  return {
    msgid,
    action: "send",
    from: parties.from ?? "ChenLi",
    tolist: parties.to ?? ["wmCustomer1"],
    roomid: parties.room ?? "",
    msgtime: 1_760_000_000_000,
    msgtype: "text",
    text: { content: text },
  };
}

export function recallOf(msgid: string, recalled: string): Record<string, unknown> {
  return {
    ...textMessage(msgid),
    text: undefined,
    action: "recall",
    msgtime: 1_760_000_060_000,
    msgtype: "revoke",
    revoke: { pre_msgid: recalled },
  };
}

export interface ArchiveWorld {
  pulls: PullService;
  repulls: RepullService;
  undecodable: UndecodableService;
  reader: ArchiveReader;
  jobs: Jobs;
  /** What the inspection has been shown, page by page. */
  inspected: ArchivedMessage[][];
  /** Set to make an effect of the inspection fail. */
  failInspection: { next: boolean };
  runJobs: () => Promise<void>;
}

/** The archive of one process, over a database that may have several. */
export function openArchiveWorld(
  database: Database,
  source: Pick<ArchiveSource, "pull">,
  pool: DecryptPool,
  options: { pageSize?: number; clock?: { now(): number } } = {},
): ArchiveWorld {
  const clock = options.clock ?? { now: () => Date.now() };
  const vault = createVault(database, kek, clock);
  const jobs = createJobs(database, log);
  const inspected: ArchivedMessage[][] = [];
  const failInspection = { next: false };
  const store = createMessageStore({
    keepMedia: () => Promise.resolve(),
    database,
    vault,
    events: createLiveEvents(database, log),
    isMember: (id) => Promise.resolve(id === "wmxiaoming"),
    inspect: (messages) => {
      inspected.push([...messages]);
      return Promise.resolve(async (tx) => {
        if (failInspection.next) {
          failInspection.next = false;
          throw new Error("crash between pages");
        }
        for (const { seq, conversationId, sentAtMs } of messages) {
          // Not insertNew: an effect that happens twice shall fail here.
          const columns =
            "id, message_seq, rule_id, rule_revision, level, spans, conversation_id, sent_at_ms, is_look_back";
          const values = "?, ?, ?, 1, 'notice', '', ?, ?, 0";
          await tx.query(`INSERT INTO hit (${columns}) VALUES (${values})`, [
            uuidv7(),
            seq,
            RULE,
            conversationId,
            sentAtMs,
          ]);
        }
      });
    },
  });
  const pulls = createPullService({
    corpId,
    source,
    pool,
    store,
    database,
    vault,
    clock,
    log,
    pageSize: options.pageSize ?? 1000,
  });
  const repulls = createRepullService({
    corpId,
    source,
    pool,
    store,
    database,
    vault,
    jobs,
    clock,
    log,
    pageSize: options.pageSize ?? 1000,
  });
  const undecodable = createUndecodableService({ database, vault, pool, store, clock });
  registerArchiveJobs({ jobs, pulls, repulls, undecodable, pool, clock, log });
  return {
    pulls,
    repulls,
    undecodable,
    reader: createArchiveReader({ corpId, database, vault }),
    jobs,
    inspected,
    failInspection,
    async runJobs() {
      jobs.start();
      await jobs.idle();
      await jobs.stop();
    },
  };
}

/** What is in the tables. */
export interface Stored {
  seqs: number[];
  hits: number[];
  undecodable: number[];
  cursor: number;
}

export async function readStored(database: Database): Promise<Stored> {
  const numbers = async (sql: string): Promise<number[]> => {
    const rows = await database.read.query<{ n: string | number }[]>(sql);
    return rows.map(({ n }) => Number(n));
  };
  const [cursor] = await numbers("SELECT seq AS n FROM archive_cursor");
  return {
    seqs: await numbers("SELECT seq AS n FROM message ORDER BY seq"),
    hits: await numbers("SELECT message_seq AS n FROM hit ORDER BY message_seq"),
    undecodable: await numbers(
      "SELECT seq AS n FROM undecodable WHERE resolved_at_ms IS NULL ORDER BY seq",
    ),
    cursor: cursor ?? 0,
  };
}

/** Whatever happened: nothing up to the cursor is missing, nothing after it is there, each hit once. */
export function expectWhole(stored: Stored, items: readonly ArchiveItem[]): void {
  const kept = [...stored.seqs, ...stored.undecodable].sort((a, b) => a - b);
  const passed = items.map(({ seq }) => seq).filter((seq) => seq <= stored.cursor);
  expect(kept).toEqual(passed);
  expect(stored.hits).toEqual(stored.seqs);
}

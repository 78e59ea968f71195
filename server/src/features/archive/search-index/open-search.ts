import { join } from "node:path";
import type { EntityManager } from "typeorm";
import type { Database } from "../../../platform/database/database.ts";
import type { Jobs } from "../../../platform/jobs/jobs.ts";
import type { Logger } from "../../../platform/log.ts";
import type { Vault } from "../../../platform/vault/vault.ts";
import { createMessageSearch } from "../message-search.ts";
import type { MessageSearch } from "../message-search.ts";
import { createSearchThreads } from "../search-threads.ts";
import type { SearchThreads, SearchThreadsOptions } from "../search-threads.ts";
import { createFileIndex } from "./file-index.ts";
import { createIndexFollower } from "./index-follower.ts";
import { createIndexedSearch } from "./indexed-search.ts";
import { findCursor, noteLate, removeCursor } from "./index-state.ts";
import { createOpenSearchIndex } from "./opensearch-index.ts";
import type { OpenSearchSettings } from "./opensearch-index.ts";
import type { SearchIndex } from "./search-index.ts";
import { createTableIndex } from "./table-index.ts";

/** Where the index is kept: nowhere, with the database, or on an OpenSearch server. */
export type SearchIndexSetting = "off" | "database" | OpenSearchSettings;

/** Searching with all that belongs to it, for the composition root. */
export interface Search {
  messages: MessageSearch;
  /** For others who go through messages. */
  threads: SearchThreads;
  /** In the transaction that stores messages. */
  noteStored(tx: EntityManager, seqs: readonly number[]): Promise<void>;
  /** In the transaction that removes messages. */
  forgetMessages(tx: EntityManager, seqs: readonly number[]): Promise<void>;
  /** How far the index is; null when there is none. */
  status(): Promise<{ indexed: number; total: number } | null>;
  registerJobs(): void;
  /** Removes what an index has left that is not the one of the setting; nobody need wait for it. */
  start(): void;
  close(): Promise<void>;
}

export interface SearchOptions {
  setting: SearchIndexSetting;
  corpId: string;
  dataDir: string;
  database: Database;
  vault: Vault;
  jobs: Jobs;
  log: Logger;
  threads: Omit<SearchThreadsOptions, "vault">;
}

export function openSearch(options: SearchOptions): Search {
  const { setting, database, vault, jobs, log } = options;
  const threads = createSearchThreads({ ...options.threads, vault });
  const scan = createMessageSearch({ database, threads });
  const files = createFileIndex({ folder: join(options.dataDir, "search"), threads });
  const table = createTableIndex(database);
  const index = chooseIndex();
  const others = [files, table].filter((one) => one !== index);

  function chooseIndex(): SearchIndex | null {
    if (setting === "off") return null;
    if (setting === "database") return database.dialect === "sqlite" ? files : table;
    return createOpenSearchIndex(setting, options.corpId);
  }

  async function tidy(): Promise<void> {
    const cursor = await findCursor(database.read);
    if (cursor && cursor.backend !== index?.backend) await database.write(removeCursor);
    for (const other of others) await other.clear();
  }

  const common = {
    threads,
    start() {
      tidy().catch((error: unknown) => {
        log.warn({ err: error }, "what an earlier search index has left is still there");
      });
    },
    close: () => threads.close(),
  };
  if (!index) {
    return {
      ...common,
      messages: scan,
      noteStored: () => Promise.resolve(),
      forgetMessages: () => Promise.resolve(),
      status: () => Promise.resolve(null),
      registerJobs: () => undefined,
    };
  }
  const follower = createIndexFollower({ database, vault, jobs, log, index, threads });
  const onLost = (): void => {
    follower.rebuild().catch((error: unknown) => {
      log.warn({ err: error }, "the search index cannot be begun anew yet");
    });
  };
  return {
    ...common,
    messages: createIndexedSearch({ database, vault, threads, index, scan, onLost }),
    noteStored: noteLate,
    forgetMessages: (tx, seqs) => follower.forgetMessages(tx, seqs),
    status: () => countIndexed(database),
    registerJobs: () => follower.registerJobs(),
  };
}

async function countIndexed(database: Database): Promise<{ indexed: number; total: number }> {
  const cursor = await findCursor(database.read);
  const [row] = await database.read.query<{ indexed: string | number; total: string | number }[]>(
    `SELECT COUNT(CASE WHEN seq <= ? THEN 1 END) AS indexed, COUNT(*) AS total FROM message`,
    [cursor?.seq ?? 0],
  );
  return { indexed: Number(row?.indexed), total: Number(row?.total) };
}

import { availableParallelism } from "node:os";
import { MessageChannel } from "node:worker_threads";
import { Piscina } from "piscina";
import type { Rule } from "#shared/rules/rule";
import type { Vault } from "../../platform/vault/vault.ts";
import type { IndexEntry } from "./search-index/search-index.ts";
import type {
  FileWork,
  RuleScanOutcome,
  RuleScanTask,
  ScanOutcome,
  ScanTask,
  TokenizeTask,
} from "./search.worker.ts";

/** Threads that read and open messages, so that a search never stops the server's loop. */
export interface SearchThreads {
  /** How many portions keep all threads busy. */
  readonly portions: number;
  scan(portion: Omit<ScanTask, "keys">): Promise<ScanOutcome>;
  /** `lists` are the rules that `rulesId` names; threads that know them are not sent them again. */
  scanRules(
    portion: Omit<RuleScanTask, "keys">,
    lists: readonly (readonly Rule[])[],
  ): Promise<RuleScanOutcome>;
  tokenize(portion: Omit<TokenizeTask, "keys">): Promise<IndexEntry[]>;
  /** The one number that a statement gives. */
  count(query: { sql: string; values: readonly (string | number)[] }): Promise<number>;
  /** Rows of a statement that is too slow for the server's loop. */
  list<Row extends readonly unknown[]>(query: {
    sql: string;
    values: readonly (string | number)[];
  }): Promise<Row[]>;
  onFiles<Work extends keyof FileWork>(
    work: Work,
    ...args: Parameters<FileWork[Work]>
  ): Promise<ReturnType<FileWork[Work]>>;
  /** Waits for what is under way. */
  close(): Promise<void>;
}

export interface SearchThreadsOptions {
  /** Path of `search.worker`; only the entry point knows where it stands. */
  workerFile: string;
  /** For running from sources. */
  execArgv?: string[] | undefined;
  databaseUrl: string;
  vault: Pick<Vault, "bundleFor">;
  /** Default: all cores but one, which is the server's own; at most four, for others want the database, too. */
  threads?: number;
}

/** While one portion is being opened, the rows of the next are on their way. */
const PORTIONS_A_THREAD = 2;
const IDLE_MS = 60_000;

export function createSearchThreads(options: SearchThreadsOptions): SearchThreads {
  const { vault, databaseUrl } = options;
  const threads = options.threads ?? Math.min(4, Math.max(1, availableParallelism() - 1));
  const pool = new Piscina({
    filename: options.workerFile,
    // One of its functions; looked up when a thread starts.
    name: "scan",
    ...(options.execArgv && { execArgv: options.execArgv }),
    workerData: { databaseUrl },
    minThreads: 0,
    // Otherwise the thread sleeps between two portions and hears neither keys nor rows come in.
    atomics: "disabled",
    maxThreads: threads,
    concurrentTasksPerWorker: PORTIONS_A_THREAD,
    idleTimeout: IDLE_MS,
  });

  /** Runs a function of the worker's file that asks for keys once, and perhaps for rules. */
  async function runWithKeys<Outcome>(
    name: string,
    portion: object,
    lists: readonly (readonly Rule[])[] = [],
  ): Promise<Outcome> {
    const { port1: mine, port2: keys } = new MessageChannel();
    let failure: unknown;
    mine.on("message", (asked: string[] | "rules") => {
      if (asked === "rules") {
        mine.postMessage(lists);
        return;
      }
      vault.bundleFor(asked).then(
        (bundle) => mine.postMessage(bundle),
        (error: unknown) => {
          failure = error;
          mine.postMessage(new Map());
        },
      );
    });
    try {
      const options = { name, transferList: [keys] };
      return (await pool.run({ ...portion, keys }, options)) as Outcome;
    } catch (error) {
      // The thread knows only that it got no keys.
      throw failure ?? error;
    } finally {
      mine.close();
    }
  }

  return {
    portions: threads * PORTIONS_A_THREAD,
    scanRules: (portion, lists) => runWithKeys<RuleScanOutcome>("scanRules", portion, lists),
    scan: (portion) => runWithKeys<ScanOutcome>("scan", portion),
    tokenize: (portion) => runWithKeys<IndexEntry[]>("tokenize", portion),
    count: (query) => pool.run(query, { name: "count" }) as Promise<number>,
    list: <Row extends readonly unknown[]>(query: object) =>
      pool.run(query, { name: "list" }) as Promise<Row[]>,
    onFiles: (work, ...args) =>
      pool.run({ work, args }, { name: "workOnFiles" }) as Promise<
        ReturnType<FileWork[typeof work]>
      >,
    close: () => pool.close(),
  };
}

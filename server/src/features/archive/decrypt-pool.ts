import { availableParallelism } from "node:os";
import { Piscina } from "piscina";
import { readOutcome } from "../../wecom/archive-envelope.ts";
import type { ItemOutcome, KeyOutcome } from "../../wecom/archive-envelope.ts";
import { readPrivateKeys } from "../../wecom/archive-keys.ts";
import type { PrivateKeys } from "../../wecom/archive-keys.ts";
import type { ArchiveItem, ArchiveSource, OpenFailure } from "../../wecom/archive-source.ts";
import { refuseUnstorable } from "./storable.ts";

/**
 * Opens archive items, with the private keys of one folder. The RSA step runs in worker threads; what is behind it
 * there, too, or in the source where that has its own way.
 */
export interface DecryptPool {
  /** One outcome an item, in the same order. Rejects when the source cannot open anything now. */
  open(items: readonly ArchiveItem[]): Promise<ItemOutcome[]>;
  /**
   * Reads the folder again; when a key was added, replaced or removed, what is opened from now on uses the
   * new ones. Returns whether that was so.
   */
  reload(): boolean;
  /** Versions that can be opened. */
  versions(): number[];
  /** Files of the folder that are no keys, for the health page. */
  problems(): PrivateKeys["problems"];
  /** Waits for what is under way. */
  close(): Promise<void>;
}

export interface DecryptPoolOptions {
  /** Path of `decrypt.worker`; only the entry point knows where it stands. */
  workerFile: string;
  /** For running from sources. */
  execArgv?: string[];
  keysDir: string;
  /** Of the source the items come from. */
  openSealed?: ArchiveSource["openSealed"];
  /** Default: one a core. */
  threads?: number;
}

interface Refusal {
  isOpen: false;
  reason: OpenFailure;
}

/** Small enough to keep all threads busy to the end of a page, large enough to hide the hand-over. */
const CHUNK = 50;
/** Enough for as long as the server's loop, which hands them out, is busy with storing a page. */
const CHUNKS_A_THREAD = 8;
const IDLE_MS = 60_000;
/** A thread keeps nothing of what it has opened; with the engine's own limit each would hold 48 MB of waste. */
const resourceLimits = { maxYoungGenerationSizeMb: 6 };

export function createDecryptPool(options: DecryptPoolOptions): DecryptPool {
  const openSealed = options.openSealed ?? null;
  let current = readPrivateKeys(options.keysDir);
  let pool = startPool(options.threads ?? availableParallelism(), CHUNKS_A_THREAD);
  /** Settles when what failed with its thread has been tried again. */
  let suspects: Promise<unknown> = Promise.resolve();

  function startPool(maxThreads: number, concurrentTasksPerWorker: number): Piscina {
    return new Piscina({
      filename: options.workerFile,
      name: openSealed ? "unwrapItems" : "openItems",
      ...(options.execArgv && { execArgv: options.execArgv }),
      workerData: current.keys,
      minThreads: 1,
      maxThreads,
      concurrentTasksPerWorker,
      idleTimeout: IDLE_MS,
      resourceLimits,
    });
  }

  /** Runs the function of the worker's file, which never throws over an item. */
  async function runInThread<Outcome>(
    threads: Piscina,
    items: readonly ArchiveItem[],
  ): Promise<(Outcome | Refusal)[]> {
    try {
      return (await threads.run(items)) as Outcome[];
    } catch (error) {
      if (threads !== pool) throw error;
      const outcomes = suspects.then(() => runOneByOne<Outcome>(items));
      suspects = outcomes.catch(() => undefined);
      return await outcomes;
    }
  }

  /** The thread died, maybe of another chunk that it had. In a thread of their own each shows whether it is the one. */
  async function runOneByOne<Outcome>(
    items: readonly ArchiveItem[],
  ): Promise<(Outcome | Refusal)[]> {
    const thread = startPool(1, 1);
    const outcomes: (Outcome | Refusal)[] = [];
    for (const item of items) {
      const dead: Refusal[] = [{ isOpen: false, reason: "bad_ciphertext" }];
      outcomes.push(...((await thread.run([item]).catch(() => dead)) as (Outcome | Refusal)[]));
    }
    await thread.close();
    return outcomes;
  }

  async function openChunk(
    threads: Piscina,
    items: readonly ArchiveItem[],
  ): Promise<ItemOutcome[]> {
    if (!openSealed) return await runInThread<ItemOutcome>(threads, items);
    const keys = await runInThread<KeyOutcome>(threads, items);
    return await openUnwrapped(openSealed, items, keys);
  }

  return {
    async open(items) {
      const threads = pool;
      const chunks: Promise<ItemOutcome[]>[] = [];
      for (let from = 0; from < items.length; from += CHUNK) {
        chunks.push(openChunk(threads, items.slice(from, from + CHUNK)));
      }
      return (await Promise.all(chunks)).flat();
    },
    reload() {
      const read = readPrivateKeys(options.keysDir);
      const isSame = haveSameKeys(current.keys, read.keys);
      current = read;
      if (isSame) return false;
      void pool.close();
      pool = startPool(options.threads ?? availableParallelism(), CHUNKS_A_THREAD);
      return true;
    },
    versions: () => [...current.keys.keys()],
    problems: () => current.problems,
    close: () => pool.close(),
  };
}

/** The second step by the source. To read a text takes some microseconds, less than to hand it to a thread. */
async function openUnwrapped(
  openSealed: NonNullable<ArchiveSource["openSealed"]>,
  items: readonly ArchiveItem[],
  keys: readonly KeyOutcome[],
): Promise<ItemOutcome[]> {
  const sealed = items.flatMap(({ encryptedMessage }, index) => {
    const key = keys[index];
    return key?.isOpen ? [{ randomKey: key.randomKey, encryptedMessage }] : [];
  });
  const texts = (sealed.length > 0 ? await openSealed(sealed) : []).values();
  return keys.map((key) => {
    if (!key.isOpen) return key;
    const text = texts.next().value;
    return text ? refuseUnstorable(readOutcome(text)) : { isOpen: false, reason: "bad_ciphertext" };
  });
}

function haveSameKeys(left: PrivateKeys["keys"], right: PrivateKeys["keys"]): boolean {
  if (left.size !== right.size) return false;
  return [...left].every(([version, key]) => right.get(version)?.equals(key) === true);
}

import { In } from "typeorm";
import type { EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import type { RepullRequest } from "#shared/contract/reconciliation";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import { acquireLease } from "../../platform/jobs/lease.ts";
import type { Lease } from "../../platform/jobs/lease.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { Logger } from "../../platform/log.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { ArchiveItem, ArchiveSource } from "../../wecom/archive-source.ts";
import { createCallBudget } from "./call-budget.ts";
import { readCursor } from "./cursor.ts";
import type { DecryptPool } from "./decrypt-pool.ts";
import { bookDelivery } from "./delivery.ts";
import type { DeliveryCounts } from "./delivery.ts";
import type { MessageStore } from "./message-store.ts";
import { formatPullFailure, toPullFailure } from "./pull-failure.ts";
import { RepullRow } from "./repull.entity.ts";
import { putBackReturned } from "./returned-messages.ts";
import { sortOutcomes } from "./undecodable-items.ts";

export const REPULL_ARCHIVE = "archive.repull";

/**
 * Pulls a range of the archive once more: for items that were damaged on their way, or rows that were lost. Repeating
 * it changes nothing but the count of duplicates. It never moves the cursor and leaves half of the calls to it.
 */
export interface RepullService {
  /**
   * The range that is asked for, or the same one that is still under way. Throws `invalid_request` for numbers that
   * the cursor has not reached: those come by themselves.
   */
  request(range: RepullRequest, memberId: string): Promise<RepullRow>;
  /** The newest 20. */
  list(): Promise<RepullRow[]>;
  /** "busy": another range is being pulled. Throws what WeCom or the database throws, after noting it. */
  run(id: string): Promise<"done" | "busy">;
  /** Ends a run after its current page; the job goes on from there later. */
  stop(): void;
}

export interface RepullDeps {
  corpId: string;
  source: Pick<ArchiveSource, "pull">;
  pool: Pick<DecryptPool, "open">;
  store: MessageStore;
  database: Database;
  vault: Vault;
  jobs: Pick<Jobs, "enqueue">;
  clock: Clock;
  log: Logger;
  pageSize?: number;
}

const LISTED = 20;
const LEASE_MS = 60_000;

export function createRepullService(deps: RepullDeps): RepullService {
  const { corpId, source, pool, store, database, vault, jobs, clock, log } = deps;
  const pageSize = deps.pageSize ?? 1000;
  const budget = createCallBudget({ database, clock, name: `archive:${corpId}`, share: 0.5 });
  const stopping = new AbortController();

  /** One page of the range; returns how far it reaches. */
  async function pullPage({ id, toSeq }: RepullRow, passedSeq: number): Promise<number> {
    await budget.take(stopping.signal);
    const page = await source.pull(passedSeq, pageSize);
    // What came before may come again.
    const next = page.filter(({ seq }) => seq > passedSeq);
    const items = next.filter(({ seq }) => seq <= toSeq);
    // Nothing, or something beyond the range: all that WeCom still has of it is here.
    const isLast = items.length < next.length || next.length === 0;
    const reachedSeq = isLast ? toSeq : Math.max(...items.map(({ seq }) => seq));
    await storePage({ id, from: passedSeq, to: reachedSeq }, items);
    return reachedSeq;
  }

  async function storePage(step: Step, items: readonly ArchiveItem[]): Promise<void> {
    const receivedAtMs = clock.now();
    const { opened, failed } = sortOutcomes(items, await pool.open(items), () => receivedAtMs);
    await store.store({
      opened,
      isLate: true,
      claim: (tx) => takeStep(tx, step),
      async account(tx, fates) {
        const booked = await putBackReturned(tx, fates);
        const counts = await bookDelivery(tx, vault, { fates: booked, failed, receivedAtMs });
        await countStep(tx, step.id, countFates(counts, fates));
      },
    });
  }

  async function pullRange(row: RepullRow, lease: Lease): Promise<void> {
    let { passedSeq } = row;
    while (passedSeq < row.toSeq) {
      stopping.signal.throwIfAborted();
      if (!(await lease.renew())) throw new LostRepullError();
      passedSeq = await pullPage(row, passedSeq);
    }
  }

  async function runUnder(lease: Lease, id: string): Promise<void> {
    const row = await database.read.findOneByOrFail(RepullRow, { id });
    if (row.state === "done") return;
    await database.write((tx) => tx.update(RepullRow, { id }, { state: "running" }));
    try {
      await pullRange(row, lease);
    } catch (error) {
      const lastError = formatPullFailure(toPullFailure(error));
      if (!stopping.signal.aborted) {
        await database.write((tx) => tx.update(RepullRow, { id }, { state: "waiting", lastError }));
      }
      throw error;
    }
    const end = { state: "done", finishedAtMs: clock.now(), lastError: null } as const;
    await database.write((tx) => tx.update(RepullRow, { id, state: "running" }, end));
    log.info({ repullId: id, from: row.fromSeq, to: row.toSeq }, "range pulled again");
  }

  return {
    async request({ fromSeq, toSeq }, memberId) {
      const cursor = await readCursor(database, corpId);
      if (toSeq > cursor) {
        throw new AppError("invalid_request", { toSeq: `现在只拉到 ${cursor}，后面的会自动拉取` });
      }
      return await database.write(async (tx) => {
        const state = In(["waiting", "running"]);
        const same = await tx.findOneBy(RepullRow, { fromSeq, toSeq, state });
        const row = same ?? newRow({ fromSeq, toSeq }, memberId, clock.now());
        if (!same) {
          await tx.insert(RepullRow, row);
          recordEntry(tx, {
            kind: "archive.repulled",
            actorId: memberId,
            objectId: row.id,
            atMs: clock.now(),
            details: { fromSeq, toSeq },
          });
        }
        // Also for one that is under way: its job may have failed too often and be dead.
        await jobs.enqueue(tx, REPULL_ARCHIVE, { repullId: row.id });
        return row;
      });
    },

    list: () =>
      database.read.find(RepullRow, { order: { requestedAtMs: "DESC", id: "DESC" }, take: LISTED }),

    async run(id) {
      const lease = await acquireLease(database, `archive-repull:${corpId}`, LEASE_MS);
      if (!lease) return "busy";
      try {
        await runUnder(lease, id);
        return "done";
      } finally {
        await lease.release();
      }
    },

    stop() {
      stopping.abort();
    },
  };
}

/** Another process has taken this range over; what this one was about to store is undone. */
class LostRepullError extends Error {
  override name = "LostRepullError";
}

interface Step {
  id: string;
  from: number;
  to: number;
}

/** Compare and set, as with the cursor: a page is counted once whoever pulls it. */
async function takeStep(tx: EntityManager, { id, from, to }: Step): Promise<void> {
  const { affected } = await tx.update(
    RepullRow,
    { id, passedSeq: from, state: "running" },
    { passedSeq: to, lastError: null },
  );
  if (affected !== 1) throw new LostRepullError();
}

async function countStep(tx: EntityManager, id: string, counts: DeliveryCounts): Promise<void> {
  const add = (name: keyof DeliveryCounts) => () => `${name} + ${counts[name]}`;
  await tx
    .createQueryBuilder()
    .update(RepullRow)
    .set({
      pulled: add("pulled"),
      stored: add("stored"),
      duplicated: add("duplicated"),
      undecodable: add("undecodable"),
    })
    .where("id = :id", { id })
    .execute();
}

/** To who asked for the range, a message that the table had lost is one that has been stored. */
function countFates(
  { pulled, undecodable }: DeliveryCounts,
  fates: readonly { isNew: boolean }[],
): DeliveryCounts {
  const stored = fates.filter(({ isNew }) => isNew).length;
  return { pulled, stored, undecodable, duplicated: pulled - stored - undecodable };
}

function newRow(range: RepullRequest, requestedBy: string, requestedAtMs: number): RepullRow {
  return Object.assign(new RepullRow(), {
    id: uuidv7(),
    ...range,
    passedSeq: range.fromSeq - 1,
    state: "waiting",
    pulled: 0,
    stored: 0,
    duplicated: 0,
    undecodable: 0,
    requestedBy,
    requestedAtMs,
    finishedAtMs: null,
    lastError: null,
  });
}

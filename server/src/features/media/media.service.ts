import { In, MoreThan } from "typeorm";
import type { EntityManager } from "typeorm";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { ObjectStore } from "../../platform/objects/object-store.ts";
import { DestroyedKeyError } from "../../platform/vault/vault.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { MediaReference } from "../../wecom/message-part.ts";
import { MediaRow } from "./media.entity.ts";
import type { MediaProblem, MediaState } from "./media.entity.ts";
import { FETCH_MEDIA } from "./media-intake.ts";
import { objectName } from "./object-name.ts";
import { openSealedFile } from "../../platform/vault/sealed-file-reader.ts";
import type { SealedFile } from "../../platform/vault/sealed-file-reader.ts";
import { placeOf } from "./sealed-places.ts";

/** How things stand with a file of a message. */
export interface MediaStanding {
  id: string;
  position: number;
  state: MediaState;
  problem: MediaProblem | null;
}

export interface StoredMedia {
  id: string;
  seq: number;
  kind: string;
  /** "" for what has none. */
  fileName: string;
  file: SealedFile;
}

/** How things stand with all of them. */
export interface MediaSummary {
  counts: Partial<Record<MediaState, number>>;
  /** Since when the oldest waits, and what keeps it. */
  waitingSinceMs: number | null;
  problem: MediaProblem | null;
  /** Could not be had, of those of the last week. */
  lostLately: number;
}

/** A file that could not be had. */
export interface LostMedia {
  id: string;
  seq: number;
  reason: "expired" | "bad_id" | "gave_up";
  receivedAtMs: number;
}

/** The files of archived messages. Who may see which is the caller's matter. */
export interface Media {
  /** By message. */
  standingOf(seqs: readonly number[]): Promise<Map<number, MediaStanding[]>>;
  /** Throws `not_found` when there is no such file, or it is not stored. */
  open(id: string): Promise<StoredMedia>;
  summary(nowMs: number): Promise<MediaSummary>;
  /** Those of the last week that could not be had, the newest first. */
  listLost(): Promise<{ total: number; items: LostMedia[] }>;
  /** All of them as if nothing had been tried yet; returns how many. */
  fetchLostAgain(): Promise<number>;
  /** Throws when the store cannot be used. */
  checkStore(): Promise<void>;
  /** Commits with the caller's transaction; the files go soon after. At most a page of messages. */
  forgetMessages(tx: EntityManager, seqs: readonly number[]): Promise<void>;
}

interface Deps {
  database: Database;
  vault: Vault;
  jobs: Jobs;
  clock: Clock;
  store: Pick<ObjectStore, "read" | "check">;
}

/** WeCom keeps files for some five days: what came earlier cannot be had any more. */
const LATELY_MS = 7 * 24 * 3600_000;
const LISTED = 100;

export function createMedia({ database, vault, jobs, clock, store }: Deps): Media {
  const lostSince = (nowMs: number) => ({
    state: In<MediaState>(["expired", "failed"]),
    createdAtMs: MoreThan(nowMs - LATELY_MS),
  });

  return {
    async standingOf(seqs) {
      const found = new Map<number, MediaStanding[]>();
      if (seqs.length === 0) return found;
      const rows = await database.read.find(MediaRow, {
        select: { id: true, seq: true, position: true, state: true, problem: true },
        where: { seq: In([...seqs]) },
      });
      for (const { seq, ...standing } of rows) {
        found.set(seq, [...(found.get(seq) ?? []), standing]);
      }
      return found;
    },

    async open(id) {
      const row = await database.read.findOneBy(MediaRow, { id, state: "stored" });
      if (!row) throw new AppError("not_found");
      try {
        const json = await vault.openText(placeOf(id, "reference"), row.reference);
        const key = await vault.open(placeOf(id, "file_key"), row.fileKey);
        const { fileName } = JSON.parse(json) as MediaReference;
        const size = row.sizeBytes ?? 0;
        const file = openSealedFile(store, objectName(id), { key, size });
        return { id, seq: row.seq, kind: row.kind, fileName, file };
      } catch (error) {
        throw error instanceof DestroyedKeyError ? new AppError("not_found") : error;
      }
    },

    async summary(nowMs) {
      const [rows, oldest, lostLately] = await Promise.all([
        database.read
          .createQueryBuilder(MediaRow, "m")
          .select("m.state", "state")
          .addSelect("COUNT(*)", "n")
          .groupBy("m.state")
          .getRawMany<{ state: MediaState; n: string | number }>(),
        database.read.findOne(MediaRow, {
          select: { id: true, createdAtMs: true, problem: true },
          where: { state: "waiting" },
          order: { createdAtMs: "ASC" },
        }),
        database.read.countBy(MediaRow, lostSince(nowMs)),
      ]);
      return {
        counts: Object.fromEntries(rows.map(({ state, n }) => [state, Number(n)])),
        waitingSinceMs: oldest?.createdAtMs ?? null,
        problem: oldest?.problem ?? null,
        lostLately,
      };
    },

    async listLost() {
      const [rows, total] = await database.read.findAndCount(MediaRow, {
        select: { id: true, seq: true, state: true, problem: true, createdAtMs: true },
        where: lostSince(clock.now()),
        order: { createdAtMs: "DESC", id: "DESC" },
        take: LISTED,
      });
      return { total, items: rows.map(toLost) };
    },

    fetchLostAgain() {
      const nowMs = clock.now();
      return database.write(async (tx) => {
        const untried = {
          sealedBytes: 0,
          nextIndex: "",
          attempts: 0,
          mismatches: 0,
          problem: null,
        };
        const { affected } = await tx.update(MediaRow, lostSince(nowMs), {
          ...untried,
          state: "waiting",
          nextTryAtMs: nowMs,
        });
        if (affected) await jobs.enqueue(tx, FETCH_MEDIA, {});
        return affected ?? 0;
      });
    },

    checkStore: () => store.check(),

    async forgetMessages(tx, seqs) {
      if (seqs.length === 0) return;
      const { affected } = await tx.update(MediaRow, { seq: In([...seqs]) }, { state: "erasing" });
      if (affected !== 0) await jobs.enqueue(tx, FETCH_MEDIA, {});
    },
  };
}

function toLost({ id, seq, state, problem, createdAtMs }: MediaRow): LostMedia {
  const reason = state === "expired" ? state : problem === "bad_id" ? problem : "gave_up";
  return { id, seq, reason, receivedAtMs: createdAtMs };
}

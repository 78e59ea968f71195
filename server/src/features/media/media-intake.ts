import type { EntityManager } from "typeorm";
import type { Clock } from "../../platform/clock.ts";
import { insertNew } from "../../platform/database/insert-new.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import { createFileKey } from "../../platform/vault/sealed-file.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { KeepMedia } from "../archive/message-store.ts";
import { placeOf } from "./sealed-places.ts";

export const FETCH_MEDIA = "media.fetch";

interface Deps {
  vault: Vault;
  jobs: Jobs;
  clock: Clock;
}

/** Writes down, in the transaction that stores the messages, which files are to be fetched for them. */
export function createMediaIntake({ vault, jobs, clock }: Deps): KeepMedia {
  return async (tx: EntityManager, messages) => {
    const sealer = await vault.sealerFor(tx, new Set(messages.map(({ subject }) => subject)));
    const nowMs = clock.now();
    const rows = messages.flatMap(({ seq, subject, media }) =>
      media.map((reference, position) => {
        const id = `${seq}-${position}`;
        return {
          id,
          seq,
          position,
          kind: reference.kind,
          state: "waiting",
          problem: null,
          reference: sealer.seal(subject, placeOf(id, "reference"), JSON.stringify(reference)),
          file_key: sealer.seal(subject, placeOf(id, "file_key"), createFileKey()),
          size_bytes: null,
          sealed_bytes: 0,
          next_index: "",
          attempts: 0,
          mismatches: 0,
          next_try_at_ms: nowMs,
          created_at_ms: nowMs,
          stored_at_ms: null,
        };
      }),
    );
    await insertNew(tx, "media", "id", rows);
    await jobs.enqueue(tx, FETCH_MEDIA, {});
  };
}

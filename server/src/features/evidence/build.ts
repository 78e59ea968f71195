import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { EntityManager } from "typeorm";
import type { EvidenceProblem } from "#shared/contract/evidence";
import { measure } from "../../platform/checksum.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import type { Effect } from "../../platform/jobs/jobs.ts";
import type { Checkpoints } from "../../platform/ledger/checkpoints.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { SigningKey } from "../../platform/ledger/signing-key.ts";
import type { Logger } from "../../platform/log.ts";
import type { ObjectStore } from "../../platform/objects/object-store.ts";
import { writeStoredZip } from "../../platform/stored-zip.ts";
import { createFileKey } from "../../platform/vault/sealed-file.ts";
import { continueSealedFile } from "../../platform/vault/sealed-file-writer.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import { EvidencePackage } from "./evidence.entity.ts";
import { EVIDENCE_SUBJECT, evidencePlace, packageObjectName } from "./evidence.service.ts";
import { EmptyPackageError, gatherParts } from "./gather.ts";
import type { EvidenceSources } from "./gather.ts";
import { makePackageFiles } from "./package-files.ts";
import type { CommonFiles } from "./package-files.ts";
import type { PackageMedia, PackageOrder } from "./package-parts.ts";

export interface BuildDeps {
  database: Database;
  vault: Vault;
  clock: Clock;
  log: Logger;
  checkpoints: Checkpoints;
  signingKey: SigningKey;
  sources: EvidenceSources;
  store: Pick<ObjectStore, "put" | "delete">;
  common: CommonFiles;
  /** On the file system of the store, for what is being written. */
  folder: string;
  /** Ready or failed: the requester is to be told, in the same transaction. */
  onEnded(tx: EntityManager, id: string): Promise<void>;
}

export interface EvidenceBuilder {
  /** Builds it and puts it into the store, sealed. A second run replaces what the first one left. */
  build(id: string): Promise<Effect | undefined>;
  /** Removes what was kept long enough. */
  expire(): Promise<Effect | undefined>;
}

const KEPT_MS = 7 * 24 * 3600_000;
const MAX_ATTEMPTS = 3;
/** More would not go onto a disc or through a browser. */
const MAX_MEDIA_BYTES = 1024 * 1024 * 1024;
const PROGRESS_EVERY_MS = 500;

class TooLargeError extends Error {}

interface Built {
  size: number;
  sha256: string;
  key: Buffer;
  messages: number;
  headSize: number;
}

export function createEvidenceBuilder(deps: BuildDeps): EvidenceBuilder {
  const { database, vault, clock, log } = deps;

  /** Reports shares of `from` … `to` percent, not more often than anybody looks. */
  function progressOf(id: string, from: number, to: number): (share: number) => Promise<void> {
    let nextAtMs = 0;
    return async (share) => {
      if (performance.now() < nextAtMs) return;
      nextAtMs = performance.now() + PROGRESS_EVERY_MS;
      const progress = Math.floor(from + (to - from) * share);
      await database.write((tx) =>
        tx.update(EvidencePackage, { id, state: "building" }, { progress }),
      );
      // Lets requests through between two long steps.
      await delay(0);
    };
  }

  async function write(order: PackageOrder): Promise<Built> {
    const { id } = order;
    const parts = await gatherParts(deps, order, progressOf(id, 0, 50));
    if (sizeOf(parts.media) > MAX_MEDIA_BYTES) throw new TooLargeError();
    const progress = progressOf(id, 50, 70);
    const { entries, counts } = await makePackageFiles(
      parts,
      deps.common,
      deps.signingKey,
      progress,
    );
    const total = entries.reduce((sum, { size }) => sum + size, 0);
    const key = createFileKey();
    await mkdir(deps.folder, { recursive: true });
    const path = join(deps.folder, id);
    const file = await open(path, "w+");
    try {
      const writer = await continueSealedFile(file, key, 0);
      const onWritten = progressOf(id, 70, 99);
      const sealed = async function* () {
        let written = 0;
        for await (const piece of writeStoredZip(entries)) {
          await writer.write(piece);
          written += piece.length;
          await onWritten(Math.min(1, written / total));
          yield piece;
        }
        await writer.finish();
      };
      const { bytes: size, sha256 } = await measure(sealed());
      await file.close();
      await deps.store.put(packageObjectName(id), path);
      return { size, sha256, key, messages: counts.messages, headSize: parts.head.size };
    } finally {
      await file.close().catch(() => undefined);
      await rm(path, { force: true });
    }
  }

  function finish(row: EvidencePackage, built: Built): Effect {
    const { id, requestedBy } = row;
    const nowMs = clock.now();
    return async (tx) => {
      const sealer = await vault.sealerFor(tx, [EVIDENCE_SUBJECT]);
      const done = {
        state: "ready",
        progress: 100,
        problem: null,
        messageCount: built.messages,
        sizeBytes: built.size,
        sha256: built.sha256,
        fileKey: sealer.seal(EVIDENCE_SUBJECT, evidencePlace(id, "file_key"), built.key),
        expiresAtMs: nowMs + KEPT_MS,
      } as const;
      await tx.update(EvidencePackage, { id, state: "building" }, done);
      recordEntry(tx, {
        kind: "evidence.built",
        actorId: "system",
        objectId: id,
        atMs: nowMs,
        details: {
          sha256: built.sha256,
          messages: built.messages,
          head: built.headSize,
          requestedBy,
        },
      });
      await deps.onEnded(tx, id);
    };
  }

  function giveUp(id: string, problem: EvidenceProblem): Effect {
    return async (tx) => {
      await tx.update(EvidencePackage, { id, state: "building" }, { state: "failed", problem });
      const about = { actorId: "system", objectId: id, atMs: clock.now(), details: { problem } };
      recordEntry(tx, { kind: "evidence.failed", ...about });
      await deps.onEnded(tx, id);
    };
  }

  return {
    async build(id) {
      const row = await database.read.findOneBy(EvidencePackage, { id, state: "building" });
      if (!row) return undefined;
      await database.write((tx) => tx.increment(EvidencePackage, { id }, "attempts", 1));
      try {
        return finish(row, await write(await orderOf(row, vault)));
      } catch (error) {
        const problem = problemOf(error);
        if (problem === "error" && row.attempts + 1 < MAX_ATTEMPTS) throw error;
        if (problem === "mismatch")
          log.fatal({ err: error, id }, "a message is not what was recorded");
        else log.error({ err: error, id }, "a package of evidence cannot be built");
        return giveUp(id, problem);
      }
    },

    async expire() {
      const rows = await database.read.findBy(EvidencePackage, { state: "ready" });
      const over = rows.filter(({ expiresAtMs }) => (expiresAtMs ?? 0) <= clock.now());
      for (const { id } of over) await deps.store.delete(packageObjectName(id));
      if (over.length === 0) return undefined;
      return async (tx) => {
        for (const { id } of over) {
          await tx.update(EvidencePackage, { id }, { state: "expired", fileKey: null });
          const about = { actorId: "system", objectId: id, atMs: clock.now(), details: {} };
          recordEntry(tx, { kind: "evidence.expired", ...about });
        }
      };
    },
  };
}

function problemOf(error: unknown): EvidenceProblem {
  if (error instanceof EmptyPackageError) return "empty";
  if (error instanceof TooLargeError) return "too_large";
  // Another feature's class is known by its name alone.
  return error instanceof Error && error.name === "UnprovenMessageError" ? "mismatch" : "error";
}

function sizeOf(media: readonly PackageMedia[]): number {
  return media.reduce((sum, { file }) => sum + file.size, 0);
}

async function orderOf(row: EvidencePackage, vault: Vault): Promise<PackageOrder> {
  const { id, caseId, conversationId, fromMs, toMs, legalBasis } = row;
  return {
    id,
    caseId,
    range: { conversationId, fromMs, toMs },
    purpose: await vault.openText(evidencePlace(id, "purpose"), row.purpose),
    legalBasis,
    requestedBy: row.requestedBy,
    requestedAtMs: row.requestedAtMs,
    approvedBy: row.approvedBy ?? "",
    approvedAtMs: row.approvedAtMs ?? 0,
  };
}

import { join } from "node:path";
import type { MediaConfig } from "../../config.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { Logger } from "../../platform/log.ts";
import { createFolderStore } from "../../platform/objects/folder-store.ts";
import type { ObjectStore } from "../../platform/objects/object-store.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { ArchiveSource } from "../../wecom/archive-source.ts";
import type { KeepMedia } from "../archive/message-store.ts";
import type { ApiRoutes } from "../sign-in/actor.ts";
import { createDownloads } from "./media-download.ts";
import { createMediaIntake } from "./media-intake.ts";
import { createMediaRounds } from "./media-rounds.ts";
import { registerMediaJobs } from "./media.jobs.ts";
import { addMediaRoutes } from "./media.routes.ts";
import type { MediaRouteDeps } from "./media.routes.ts";
import { createMedia } from "./media.service.ts";
import type { Media } from "./media.service.ts";
import { createVoices } from "./voices.ts";
import type { VoicesOptions } from "./voices.ts";

export interface MediaParts {
  /** For the message store. */
  keepMedia: KeepMedia;
  media: Media;
  /** Where finished files lie. */
  store: ObjectStore;
  registerJobs(): void;
  addRoutes(routes: ApiRoutes, reading: Pick<MediaRouteDeps, "pages">): void;
  /** Lets the round under way end soon. */
  stop(): void;
  close(): Promise<void>;
}

export interface MediaDeps {
  config: MediaConfig;
  database: Database;
  vault: Vault;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
  source: Pick<ArchiveSource, "fetchMedia">;
  voices: VoicesOptions;
}

/** All that has to do with the files of messages. */
export async function composeMedia(deps: MediaDeps): Promise<MediaParts> {
  const { dir } = deps.config;
  const store = await openStore(deps.config);
  const downloads = createDownloads({ ...deps, folder: join(dir, "incoming") });
  const rounds = createMediaRounds({ ...deps, downloads, store });
  const media = createMedia({ ...deps, store });
  const voices = createVoices(deps.voices);
  return {
    keepMedia: createMediaIntake(deps),
    media,
    store,
    addRoutes: (routes, reading) => addMediaRoutes(routes, { ...deps, ...reading, media, voices }),
    registerJobs: () => registerMediaJobs({ ...deps, rounds }),
    stop: () => rounds.stop(),
    async close() {
      store.close();
      await voices.close();
    },
  };
}

/** The client of S3 takes 25 MB of memory, so it is loaded where it is used only. */
async function openStore({ dir, s3 }: MediaConfig): Promise<ObjectStore> {
  if (!s3) return createFolderStore(dir);
  const { createS3Store } = await import("../../platform/objects/s3-store.ts");
  return createS3Store(s3);
}

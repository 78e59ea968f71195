import type { Config } from "../config.ts";
import { registerArchiveJobs } from "../features/archive/archive.jobs.ts";
import { createDecryptPool } from "../features/archive/decrypt-pool.ts";
import { createMessageStore } from "../features/archive/message-store.ts";
import type { Inspect } from "../features/archive/message-store.ts";
import { parsePullFailure } from "../features/archive/pull-failure.ts";
import { createPullService } from "../features/archive/pull.service.ts";
import type { ArchiveReader } from "../features/archive/reader.service.ts";
import { createRepullService } from "../features/archive/repull.service.ts";
import { openSearch } from "../features/archive/search-index/open-search.ts";
import { createUndecodableService } from "../features/archive/undecodable.service.ts";
import { explainPullFailure, explainWaiting } from "../features/health/archive-words.ts";
import { sayDuration } from "../features/health/spoken-time.ts";
import { composeMedia } from "../features/media/compose-media.ts";
import type { Members } from "../features/members/members.service.ts";
import { createArchiveAlarms } from "../features/reconciliation/alarms.ts";
import { registerReconciliationJobs } from "../features/reconciliation/reconciliation.jobs.ts";
import { createReconciliation } from "../features/reconciliation/reconciliation.service.ts";
import type { AppMessages } from "../wecom/app-messages.ts";
import { openArchiveAccess } from "../wecom/archive-access.ts";
import type { WecomClient } from "../wecom/wecom-client.ts";
import type { Ground, Surroundings } from "./ground.ts";

interface Deps {
  client: WecomClient;
  messages: AppMessages;
  members: Pick<Members, "find">;
  reader: ArchiveReader;
  inspect: Inspect;
  /** Whoever runs it now. */
  operatorIds: () => Promise<readonly string[]>;
}

/** From WeCom's archive to the table of messages, with their files, the search and the books. */
export async function composeArchive(
  config: Config,
  ground: Ground,
  surroundings: Surroundings,
  deps: Deps,
) {
  const { wecom, publicUrl } = config;
  const { corpId } = wecom;
  const { reader, members, inspect, messages } = deps;
  const execArgv = surroundings.workerExecArgv;
  const access = openArchiveAccess({
    ...ground,
    wecom,
    client: deps.client,
    hostProgram: surroundings.sdkHostProgram,
  });
  const { source, host, mediaHost, missing } = access;
  const pool = createDecryptPool({
    workerFile: surroundings.decryptWorkerFile,
    keysDir: wecom.archiveKeysDir,
    openSealed: source.openSealed,
    ...(execArgv && { execArgv }),
  });
  const files = await composeMedia({
    ...ground,
    config: config.media,
    source,
    voices: { workerFile: surroundings.voiceWorkerFile, execArgv },
  });
  const search = openSearch({
    ...ground,
    setting: config.searchIndex,
    corpId,
    dataDir: config.dataDir,
    threads: {
      workerFile: surroundings.searchWorkerFile,
      execArgv,
      databaseUrl: config.databaseUrl,
    },
  });
  const store = createMessageStore({
    ...ground,
    inspect,
    keepMedia: files.keepMedia,
    isMember: async (memberId) => (await members.find(memberId)) !== undefined,
    noteStored: (tx, seqs) => search.noteStored(tx, seqs),
  });
  const puller = { ...ground, corpId, source, pool, store };
  const pulls = createPullService(puller);
  const repulls = createRepullService(puller);
  const undecodable = createUndecodableService(puller);
  const troubles = {
    ...ground,
    reader,
    undecodable,
    explainFailure: explainPullFailure,
    explainWaiting,
  };
  const parseFailure = parsePullFailure;
  const reconciliation = createReconciliation({ ...troubles, missing, parseFailure });
  const alarms = createArchiveAlarms({
    ...troubles,
    messages,
    operatorIds: deps.operatorIds,
    publicUrl,
    sayDuration,
  });

  return {
    missing,
    host,
    pool,
    files,
    search,
    undecodable,
    repulls,
    reconciliation,
    registerJobs() {
      search.registerJobs();
      if (missing) return;
      registerArchiveJobs({ ...ground, pulls, repulls, undecodable, pool });
      registerReconciliationJobs({ ...ground, reconciliation });
      alarms.registerJobs();
      files.registerJobs();
    },
    start() {
      void host?.start();
      search.start();
    },
    /** Ends what is under way after its current step, and what waits for WeCom. */
    stop() {
      pulls.stop();
      repulls.stop();
      files.stop();
      host?.endNetworkCalls();
      mediaHost?.endNetworkCalls();
    },
    /** Once no job needs it any more. */
    async close() {
      await pool.close();
      await search.close();
      await files.close();
      await host?.close();
      await mediaHost?.close();
    },
  };
}

import type { RequestListener } from "node:http";
import { mkdirSync } from "node:fs";
import type { DestinationStream } from "pino";
import { createApp } from "./app.ts";
import { composeRetention } from "./compose-retention.ts";
import type { Config } from "./config.ts";
import { entities } from "./entities.ts";
import { pullSoon, registerArchiveJobs } from "./features/archive/archive.jobs.ts";
import { registerArchiveRoutes } from "./features/archive/archive.routes.ts";
import { readSaidConsents } from "./features/archive/consents.ts";
import { createConversations } from "./features/archive/conversations.service.ts";
import { createDecryptPool } from "./features/archive/decrypt-pool.ts";
import { createMessageStore } from "./features/archive/message-store.ts";
import { parsePullFailure } from "./features/archive/pull-failure.ts";
import { createPullService } from "./features/archive/pull.service.ts";
import { createArchiveReader } from "./features/archive/reader.service.ts";
import { createRepullService } from "./features/archive/repull.service.ts";
import { openSearch } from "./features/archive/search-index/open-search.ts";
import { createUndecodableService } from "./features/archive/undecodable.service.ts";
import { registerCallbackJobs } from "./features/callbacks/callbacks.jobs.ts";
import { createCallbackRouter } from "./features/callbacks/callbacks.routes.ts";
import { createInbox } from "./features/callbacks/inbox.service.ts";
import { createCaseCards, enqueueCardUpdates } from "./features/cases/cards.ts";
import { addCaseRoutes } from "./features/cases/cases.routes.ts";
import { createCases } from "./features/cases/cases.service.ts";
import { createHitMarks } from "./features/cases/hit-marks.ts";
import { createInspection } from "./features/cases/inspection.ts";
import { maskName, maskNumbers } from "./features/cases/quote.ts";
import { customerCallbacks } from "./features/customers/customers.jobs.ts";
import { createCustomers } from "./features/customers/customers.service.ts";
import { archiveComponentCheck } from "./features/health/archive-component-check.ts";
import {
  archiveCheck,
  archiveKeysCheck,
  undecodableCheck,
} from "./features/health/archive-checks.ts";
import { archiveFlowCheck } from "./features/health/archive-flow-check.ts";
import { archiveSeatsCheck } from "./features/health/archive-seats-check.ts";
import { searchCheck } from "./features/health/search-check.ts";
import { explainPullFailure, explainWaiting } from "./features/health/archive-words.ts";
import { booksCheck } from "./features/health/books-check.ts";
import { clockCheck } from "./features/health/clock-check.ts";
import { addHealthRoutes, createProbeRouter } from "./features/health/health.routes.ts";
import { createHealth } from "./features/health/health.service.ts";
import {
  databaseCheck,
  diskCheck,
  jobsCheck,
  vaultCheck,
} from "./features/health/platform-checks.ts";
import { ledgerCheck } from "./features/health/ledger-check.ts";
import { retentionCheck } from "./features/health/retention-check.ts";
import { mediaCheck } from "./features/health/media-check.ts";
import { sayDuration } from "./features/health/spoken-time.ts";
import {
  callbacksCheck,
  callbackUrl,
  directoryCheck,
  wecomCheck,
} from "./features/health/wecom-checks.ts";
import { registerLedgerJobs } from "./features/ledger/ledger.jobs.ts";
import { composeMedia } from "./features/media/compose-media.ts";
import {
  memberCallbacks,
  registerMemberJobs,
  syncStaleDirectory,
} from "./features/members/members.jobs.ts";
import { createMembers } from "./features/members/members.service.ts";
import { addReadingRoutes } from "./features/reading/reading.routes.ts";
import { createReading } from "./features/reading/reading.service.ts";
import { createArchiveAlarms } from "./features/reconciliation/alarms.ts";
import { addReconciliationRoutes } from "./features/reconciliation/reconciliation.routes.ts";
import { createReconciliation } from "./features/reconciliation/reconciliation.service.ts";
import { enqueueFailedRule, registerRuleJobs } from "./features/rules/rules.jobs.ts";
import { addRuleRoutes } from "./features/rules/rules.routes.ts";
import { createRules } from "./features/rules/rules.service.ts";
import { addSidebarRoutes } from "./features/sidebar/sidebar.routes.ts";
import { createSidebar } from "./features/sidebar/sidebar.service.ts";
import type { Actor } from "./features/sign-in/actor.ts";
import { createSignInCookies } from "./features/sign-in/cookies.ts";
import { createFailureLog } from "./features/sign-in/failure-log.ts";
import { createGate } from "./features/sign-in/gate.ts";
import { addSessionRoutes } from "./features/sign-in/session.routes.ts";
import { createSessionWatch } from "./features/sign-in/session-watch.ts";
import { createSessions } from "./features/sign-in/sessions.service.ts";
import { registerSignInJobs } from "./features/sign-in/sign-in.jobs.ts";
import { createSignInRouter } from "./features/sign-in/sign-in.routes.ts";
import { createSignInService } from "./features/sign-in/sign-in.service.ts";
import { systemClock } from "./platform/clock.ts";
import type { Clock } from "./platform/clock.ts";
import { openDatabase } from "./platform/database/database.ts";
import type { Database } from "./platform/database/database.ts";
import { createLiveEvents } from "./platform/events/live-events.ts";
import { createPages } from "./platform/http/pages.ts";
import { Routes } from "./platform/http/routes.ts";
import { createJobs } from "./platform/jobs/jobs.ts";
import type { Jobs } from "./platform/jobs/jobs.ts";
import { createCheckpoints, hasCheckpoints } from "./platform/ledger/checkpoints.ts";
import { loadSigningKey } from "./platform/ledger/signing-key.ts";
import { createLog } from "./platform/log.ts";
import type { Logger } from "./platform/log.ts";
import { opaqueTokens } from "./platform/opaque-tokens.ts";
import { tryUntilDone } from "./platform/try-until-done.ts";
import { DataKey } from "./platform/vault/data-key.entity.ts";
import { loadKeyEncryptionKey } from "./platform/vault/key-encryption-key.ts";
import type { KeyEncryptionKey } from "./platform/vault/key-encryption-key.ts";
import { createVault } from "./platform/vault/vault.ts";
import { createSharedTokens } from "./wecom/access-tokens.ts";
import { createAppMessages } from "./wecom/app-messages.ts";
import { openArchiveAccess } from "./wecom/archive-access.ts";
import { checkSingleConsent } from "./wecom/archive-consent.ts";
import { listArchiveSeats } from "./wecom/archive-seats.ts";
import { createCustomerContact } from "./wecom/customer-contact.ts";
import { createDirectory } from "./wecom/directory.ts";
import { createJssdk } from "./wecom/jssdk.ts";
import { createSignIn } from "./wecom/sign-in.ts";
import { createWecomClient } from "./wecom/wecom-client.ts";

/** What is not a setting: where the code's own files lie. */
export interface Surroundings {
  /** The worker that opens archived messages; TypeScript while developing. */
  decryptWorkerFile: string;
  /** The one that looks through stored messages. */
  searchWorkerFile: string;
  /** The one that decodes voices. */
  voiceWorkerFile: string;
  /** What Node needs to run those files. */
  workerExecArgv?: string[];
  /** The built program that runs WeCom's archive library. */
  sdkHostProgram: string;
  /** Built pages. */
  pagesDir: string;
  clock?: Clock;
  /** Default: stdout. */
  logDestination?: DestinationStream;
}

export interface Product {
  handler: RequestListener;
  log: Logger;
  database: Database;
  jobs: Jobs;
  routes: Routes<Actor>;
  /** Begins to work on jobs; the handler answers before that, too. */
  start(): void;
  /** Ends what is under way, in order. */
  stop(): Promise<void>;
}

/** The composition root: the one place that knows every part. Parts get what they need and nothing else. */
export async function compose(config: Config, surroundings: Surroundings): Promise<Product> {
  const { wecom, publicUrl } = config;
  const clock = surroundings.clock ?? systemClock;
  const isHttps = publicUrl.startsWith("https:");
  mkdirSync(config.dataDir, { recursive: true });

  // What everything stands on.
  const log = createLog(config.logLevel, surroundings.logDestination);
  const database = await openDatabase({ url: config.databaseUrl, entities });
  const vault = createVault(database, await openKey(config, database), clock);
  const jobs = createJobs(database, log);
  const events = createLiveEvents(database, log);

  const checkpoints = createCheckpoints({
    database,
    clock,
    key: loadSigningKey(
      config.ledgerKeyFile,
      `${new URL(publicUrl).host}/ledger`,
      !(await hasCheckpoints(database)),
    ),
  });

  // The door to WeCom.
  const tokens = createSharedTokens({ database, vault, clock });
  const client = createWecomClient({ config: wecom, tokens, clock, log });
  const jssdk = createJssdk({ config: wecom, client, tokens, clock });

  // People.
  const sessions = createSessions({ database, events, clock, tokens: opaqueTokens });
  const members = createMembers({
    database,
    vault,
    jobs,
    clock,
    log,
    directory: createDirectory(client),
    endSessionsOf: (tx, memberIds) => sessions.endAllOf(tx, memberIds),
  });
  const customers = createCustomers({
    database,
    vault,
    events,
    clock,
    contact: createCustomerContact(client),
    checkConsent: (pairs) => checkSingleConsent(client, pairs),
    readSaidConsents: (customerId) => readSaidConsents(database, customerId),
  });

  // What they say, and what the company says to that.
  const appMessages = createAppMessages(wecom, client);
  const rules = createRules({
    database,
    events,
    clock,
    members,
    log,
    onRuleFailed: (tx, ruleId) => enqueueFailedRule(jobs, tx, ruleId),
  });
  const reader = createArchiveReader({ corpId: wecom.corpId, database, vault });
  const cases = createCases({
    database,
    vault,
    events,
    clock,
    rules,
    members,
    customers,
    reader,
    onDecided: (tx, caseId) => enqueueCardUpdates(jobs, tx, caseId),
  });
  const cards = createCaseCards({
    database,
    vault,
    jobs,
    clock,
    log,
    messages: appMessages,
    members,
    customers,
    cases,
    publicUrl,
  });
  const inspect = createInspection({
    vault,
    jobs,
    events,
    clock,
    rules,
    members,
    reader,
    fallbackManagerIds: config.adminMemberIds,
  });

  // The archive.
  const { source, host, mediaHost, missing } = openArchiveAccess({
    wecom,
    client,
    hostProgram: surroundings.sdkHostProgram,
    clock,
    log,
  });
  const pool = createDecryptPool({
    workerFile: surroundings.decryptWorkerFile,
    keysDir: wecom.archiveKeysDir,
    openSealed: source.openSealed,
    ...(surroundings.workerExecArgv ? { execArgv: surroundings.workerExecArgv } : {}),
  });
  const files = await composeMedia({
    config: config.media,
    database,
    vault,
    jobs,
    clock,
    log,
    source,
    voices: { workerFile: surroundings.voiceWorkerFile, execArgv: surroundings.workerExecArgv },
  });
  const search = openSearch({
    setting: config.searchIndex,
    corpId: wecom.corpId,
    dataDir: config.dataDir,
    database,
    vault,
    jobs,
    log,
    threads: {
      workerFile: surroundings.searchWorkerFile,
      execArgv: surroundings.workerExecArgv,
      databaseUrl: config.databaseUrl,
    },
  });
  const store = createMessageStore({
    database,
    vault,
    events,
    inspect,
    keepMedia: files.keepMedia,
    isMember: async (memberId) => (await members.find(memberId)) !== undefined,
    noteStored: (tx, seqs) => search.noteStored(tx, seqs),
  });
  const pulls = createPullService({
    corpId: wecom.corpId,
    source,
    pool,
    store,
    database,
    vault,
    clock,
    log,
  });
  const undecodable = createUndecodableService({ database, vault, pool, store, clock });
  const repulls = createRepullService({
    corpId: wecom.corpId,
    source,
    pool,
    store,
    database,
    vault,
    jobs,
    clock,
    log,
  });
  const troubles = {
    database,
    reader,
    undecodable,
    explainFailure: explainPullFailure,
    explainWaiting,
  };
  const reconciliation = createReconciliation({
    ...troubles,
    clock,
    missing,
    parseFailure: parsePullFailure,
  });
  const alarms = createArchiveAlarms({
    ...troubles,
    jobs,
    clock,
    messages: appMessages,
    adminMemberIds: config.adminMemberIds,
    publicUrl,
    sayDuration,
  });

  // Callbacks.
  const inbox = createInbox({ database, vault, jobs, clock });
  registerCallbackJobs({
    inbox,
    jobs,
    log,
    handlers: {
      archive_has_news: () => Promise.resolve(missing ? undefined : pullSoon(jobs)),
      card_button: (event) => cards.handleTap(event),
      ...memberCallbacks(members),
      ...customerCallbacks(customers),
    },
  });

  // What is shown.
  const sidebar = createSidebar({
    members,
    customers,
    cases,
    ruleBook: rules,
    events,
    clock,
    log,
    workingHours: config.workingHours,
  });
  const hitMarks = createHitMarks({ database, vault, rules });
  const conversations = createConversations({ database, vault });
  const reading = createReading({
    database,
    vault,
    clock,
    members,
    customers,
    conversations,
    media: files.media,
    messages: search.messages,
    countUnopened: () => undecodable.countWaiting(),
    hitMarks,
    maskName,
    maskNumbers,
  });
  const retention = composeRetention({
    database,
    vault,
    jobs,
    clock,
    log,
    members,
    hitMarks,
    forget: [
      (tx, seqs) => files.media.forgetMessages(tx, seqs),
      (tx, seqs) => search.forgetMessages(tx, seqs),
    ],
  });
  const health = createHealth({
    database,
    jobs,
    clock,
    log,
    checks: [
      wecomCheck(client),
      clockCheck(client),
      callbacksCheck(inbox, wecom.receivers, publicUrl),
      archiveCheck(reader, missing),
      archiveComponentCheck({ host, missing }),
      archiveSeatsCheck(() => listArchiveSeats(client), missing),
      archiveFlowCheck({
        reader,
        inbox,
        callbackUrl: wecom.receivers.archive ? callbackUrl(publicUrl, "archive") : null,
        missing,
      }),
      archiveKeysCheck(pool),
      undecodableCheck(undecodable),
      mediaCheck(files.media),
      booksCheck(reconciliation),
      ledgerCheck(checkpoints),
      retentionCheck(retention.reports),
      searchCheck(search),
      directoryCheck(members),
      jobsCheck(jobs, database),
      databaseCheck(database, clock),
      vaultCheck(database, vault),
      diskCheck(config.dataDir),
    ],
  });

  // Who may do what over HTTP.
  const cookies = createSignInCookies(isHttps);
  const failures = createFailureLog(log, clock);
  const signIn = createSignInService({
    database,
    clock,
    tokens: opaqueTokens,
    sessions,
    members,
    wecom: createSignIn(wecom, client),
    publicUrl,
  });
  const gate = createGate({ sessions, cookies, members, adminMemberIds: config.adminMemberIds });
  const routes = new Routes<Actor>(gate, publicUrl);
  addSessionRoutes(routes, { sessions, cookies, jssdk, publicUrl });
  addRuleRoutes(routes, rules);
  addCaseRoutes(routes, cases);
  registerArchiveRoutes(routes, { undecodable });
  addReconciliationRoutes(routes, { reconciliation, repulls });
  const sessionWatch = createSessionWatch({ sessions, cookies, log });
  addReadingRoutes(routes, { ...reading, sessionWatch, log });
  files.addRoutes(routes, { readings: reading.readings, conversations });
  addSidebarRoutes(routes, { sidebar, sessionWatch });
  retention.addRoutes(routes);
  addHealthRoutes(routes, health);

  registerMemberJobs({ jobs, members });
  cards.registerJobs();
  registerRuleJobs({
    jobs,
    rules,
    messages: appMessages,
    adminMemberIds: config.adminMemberIds,
    publicUrl,
  });
  search.registerJobs();
  registerSignInJobs({ jobs, sessions, signIn, failures });
  registerLedgerJobs({
    database,
    jobs,
    checkpoints,
    messages: appMessages,
    keeperIds: config.adminMemberIds,
    publicUrl,
    log,
  });
  if (!missing) {
    registerArchiveJobs({ jobs, pulls, repulls, undecodable, pool, clock, log });
    alarms.registerJobs();
    files.registerJobs();
  }
  retention.registerJobs();
  await rules.seed();

  const stopping = new AbortController();
  const answer = createApp({
    log,
    isHttps,
    routers: [
      createCallbackRouter({ wecom, inbox, clock, log }).routes(),
      createSignInRouter({ signIn, cookies, tokens: opaqueTokens, failures, log }).routes(),
      createProbeRouter(health).routes(),
      routes.router.routes(),
      ...createPages({ pagesDir: surroundings.pagesDir, verifyDir: config.dataDir }),
    ],
  }).callback();
  return {
    handler: (request, response) => void answer(request, response),
    log,
    database,
    jobs,
    routes,
    start() {
      events.start();
      void host?.start();
      search.start();
      void tryUntilDone(prepareWork, { log, signal: stopping.signal }).then((isReady) => {
        if (isReady) jobs.start();
      });
    },
    async stop() {
      stopping.abort();
      events.stop();
      pulls.stop();
      repulls.stop();
      retention.stop();
      files.stop();
      host?.endNetworkCalls();
      mediaHost?.endNetworkCalls();
      await jobs.stop();
      await pool.close();
      await search.close();
      await files.close();
      await host?.close();
      await mediaHost?.close();
      client.close();
      await database.close();
    },
  };

  /** The directory first: without it nobody's manager is known, and cards would go to administrators. */
  async function prepareWork(): Promise<void> {
    if ((await members.lastSyncedAtMs()) === null) {
      await members.sync().then(
        (effect) => database.write(effect),
        (error: unknown) => log.warn({ err: error }, "the directory cannot be read yet"),
      );
    }
    await syncStaleDirectory({ database, jobs, members });
    // What came while nobody was looking need not wait for the clock.
    if (!missing) await database.write(pullSoon(jobs));
  }
}

/** A missing key file is made only while nothing has been sealed yet: a new one could open nothing old. */
async function openKey(config: Config, database: Database): Promise<KeyEncryptionKey> {
  const isNew = !(await database.read.exists(DataKey));
  return loadKeyEncryptionKey(config.vaultKeyFile, isNew);
}

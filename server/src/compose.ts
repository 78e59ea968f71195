import type { RequestListener } from "node:http";
import { createApp } from "./app.ts";
import { composeArchive } from "./compose/archive.ts";
import { composeEntrance } from "./compose/entrance.ts";
import { customerChanges } from "./compose/customer-changes.ts";
import { openGround } from "./compose/ground.ts";
import type { Surroundings } from "./compose/ground.ts";
import { composeEvidence } from "./compose/evidence.ts";
import { addFeedback } from "./compose/feedback.ts";
import { composeHealth } from "./compose/health.ts";
import { addAuditRoutes } from "./compose/ledger.ts";
import { composePeople } from "./compose/people.ts";
import { composeReading } from "./compose/reading.ts";
import { composeRetention } from "./compose/retention.ts";
import { composeRules } from "./compose/rules.ts";
import { composeRuleScans } from "./compose/rule-scans.ts";
import type { Config } from "./config.ts";
import { pullSoon } from "./features/archive/archive.jobs.ts";
import { registerArchiveRoutes } from "./features/archive/archive.routes.ts";
import { createConversations } from "./features/archive/conversations.service.ts";
import { createNeighbours } from "./features/archive/neighbours.ts";
import { createArchiveReader } from "./features/archive/reader.service.ts";
import { addCalendarRoutes } from "./features/calendar/calendar.routes.ts";
import { createCalendar } from "./features/calendar/calendar.service.ts";
import { registerCallbackJobs } from "./features/callbacks/callbacks.jobs.ts";
import { createCallbackRouter } from "./features/callbacks/callbacks.routes.ts";
import { createHeldCallbacks } from "./features/callbacks/held-callbacks.ts";
import { createInbox } from "./features/callbacks/inbox.service.ts";
import { createCaseCards, enqueueCardUpdates } from "./features/cases/cards.ts";
import { addCaseRoutes } from "./features/cases/cases.routes.ts";
import { createCases } from "./features/cases/cases.service.ts";
import { createHitMarks } from "./features/cases/hit-marks.ts";
import { createInspection } from "./features/cases/inspection.ts";
import { addHealthRoutes, createProbeRouter } from "./features/health/health.routes.ts";
import { addKeyRoutes } from "./features/keys/keys.routes.ts";
import { createKeys } from "./features/keys/keys.service.ts";
import { watchedKeys } from "./features/keys/watched-keys.ts";
import { createLedgerChecks } from "./features/ledger/ledger-checks.service.ts";
import { registerLedgerJobs } from "./features/ledger/ledger.jobs.ts";
import { memberCallbacks, syncStaleDirectory } from "./features/members/members.jobs.ts";
import { addReconciliationRoutes } from "./features/reconciliation/reconciliation.routes.ts";
import { forgetSamplesOf } from "./features/rule-scans/expiry.ts";
import { addSidebarRoutes } from "./features/sidebar/sidebar.routes.ts";
import { createSidebar } from "./features/sidebar/sidebar.service.ts";
import type { ApiRoutes } from "./features/sign-in/actor.ts";
import type { Database } from "./platform/database/database.ts";
import { createPages } from "./platform/http/pages.ts";
import type { Jobs } from "./platform/jobs/jobs.ts";
import type { Logger } from "./platform/log.ts";
import { tryUntilDone } from "./platform/try-until-done.ts";
import { createSharedTokens } from "./wecom/access-tokens.ts";
import { createAppMessages } from "./wecom/app-messages.ts";
import { createJssdk } from "./wecom/jssdk.ts";
import { createWecomClient } from "./wecom/wecom-client.ts";

export interface Product {
  handler: RequestListener;
  log: Logger;
  database: Database;
  jobs: Jobs;
  routes: ApiRoutes;
  /** Begins to work on jobs; the handler answers before that, too. */
  start(): void;
  /** Ends what is under way, in order. */
  stop(): Promise<void>;
}

/**
 * The composition root: with the files beside it in `compose/` the one place that knows every part. A part's own
 * type says what it takes of what it is given.
 */
export async function compose(config: Config, surroundings: Surroundings): Promise<Product> {
  const { wecom, publicUrl, adminMemberIds } = config;

  // What everything stands on.
  const ground = await openGround(config, surroundings);
  const { log, database, jobs, events } = ground;

  // The door to WeCom.
  const tokens = createSharedTokens(ground);
  const client = createWecomClient({ ...ground, config: wecom, tokens });
  const jssdk = createJssdk({ ...ground, config: wecom, client, tokens });
  const messages = createAppMessages(wecom, client);

  const people = composePeople(config, ground, { client, messages });
  const { members, access, approvals, grants, customers } = people;

  // What the company says to what they say.
  const reader = createArchiveReader({ ...ground, corpId: wecom.corpId });
  const rulesPart = composeRules(config, ground, { ...people, client, messages });
  const { rules } = rulesPart;
  const cases = createCases({
    ...ground,
    rules,
    members,
    access,
    customers,
    reader,
    onDecided: (tx, caseId) => enqueueCardUpdates(jobs, tx, caseId),
  });
  const cards = createCaseCards({ ...ground, messages, members, customers, cases, publicUrl });
  const calendar = createCalendar({ ...ground, members });
  const hitMarks = createHitMarks({ ...ground, rules });
  const fallbackManagersOf = async (memberId: string): Promise<readonly string[]> => {
    const found = await access.grantedOver(memberId, "case.decide");
    return found.length > 0 ? found : adminMemberIds;
  };

  // What they say and do.
  const inspecting = {
    ...ground,
    rules,
    members,
    customers,
    reader,
    calendar: calendar.current,
    fallbackManagersOf,
  };
  const archive = await composeArchive(config, ground, surroundings, {
    client,
    messages,
    members,
    operatorIds: () => access.holdersOf("archive.operate"),
    reader,
    inspect: createInspection({ ...inspecting, neighbours: createNeighbours(ground) }),
  });
  const { undecodable, repulls, reconciliation, search, missing } = archive;
  const { media } = archive.files;
  const conversations = createConversations(ground);
  const retention = composeRetention({
    ...ground,
    approvals,
    backupDays: config.backupRetentionDays,
    members,
    hitMarks,
    forget: [
      (tx, seqs) => media.forgetMessages(tx, seqs),
      (tx, seqs) => search.forgetMessages(tx, seqs),
      forgetSamplesOf,
    ],
  });

  // What WeCom tells.
  const inbox = createInbox(ground);
  const held = createHeldCallbacks({ ...ground, inbox, wecom });
  registerCallbackJobs({
    inbox,
    held,
    jobs,
    log,
    handlers: {
      archive_has_news: () => Promise.resolve(missing ? undefined : pullSoon(jobs)),
      card_button: (event) => cards.handleTap(event),
      ...memberCallbacks(members),
      ...customerChanges(inspecting),
    },
  });

  // What is shown, and to whom.
  const sidebar = createSidebar({
    ...ground,
    members,
    customers,
    cases,
    ruleBook: rules,
    calendar: calendar.current,
  });
  const reading = composeReading(ground, {
    ...people,
    conversations,
    cases,
    pushes: messages,
    publicUrl,
    calendar: calendar.current,
    media,
    messages: search.messages,
    countUnopened: () => undecodable.countWaiting(),
    hitMarks,
  });
  const ruleScans = composeRuleScans(ground, {
    ...people,
    ...reading,
    threads: search.threads,
    calendar: calendar.current,
    rules,
    reader,
    conversations,
    async managersOf(memberId) {
      const managers = await members.managersOf(memberId);
      return managers.length > 0 ? managers : await fallbackManagersOf(memberId);
    },
  });
  const ledgerChecks = createLedgerChecks(ground);
  const keys = createKeys({ ...ground, listWatched: () => watchedKeys(wecom) });
  const health = composeHealth(config, ground, {
    ...archive,
    client,
    inbox,
    held,
    members,
    reader,
    media,
    reports: retention.reports,
    grants,
    emergencies: reading.emergencies,
    interception: rulesPart.interception,
    ledgerChecks,
    keys,
  });
  const evidence = composeEvidence(config, ground, {
    access,
    approvals,
    members,
    customers,
    conversations,
    hitMarks,
    media,
    health,
    messages,
    views: reading.views,
    countUnopened: () => undecodable.countWaiting(),
    store: archive.files.store,
    commonDir: surroundings.evidenceDir,
  });
  const entrance = composeEntrance(config, ground, { ...people, client, jssdk });
  const { routes, sessionWatch } = entrance;
  people.addRoutes(routes);
  rulesPart.addRoutes(routes);
  addFeedback(routes, ground, { members, access, rules, reader });
  addCaseRoutes(routes, cases);
  addCalendarRoutes(routes, calendar);
  registerArchiveRoutes(routes, { undecodable });
  addReconciliationRoutes(routes, { reconciliation, repulls });
  reading.addRoutes(routes, sessionWatch);
  archive.files.addRoutes(routes, reading);
  ruleScans.addRoutes(routes);
  addSidebarRoutes(routes, { sidebar, sessionWatch });
  retention.addRoutes(routes);
  evidence.addRoutes(routes);
  addAuditRoutes(routes, ground, { members, checks: ledgerChecks });
  addKeyRoutes(routes, keys);
  addHealthRoutes(routes, health);

  // What happens by itself.
  people.registerJobs();
  rulesPart.registerJobs();
  reading.registerJobs();
  ruleScans.registerJobs();
  registerLedgerJobs({
    ...ground,
    checks: ledgerChecks,
    messages,
    // Two who do not answer to each other, so that no one person could make both say something else.
    keepers: async () => ({
      managers: await members.managersOfTwoLines(),
      auditors: await access.holdersOf("audit.read"),
    }),
    publicUrl,
  });
  cards.registerJobs();
  archive.registerJobs();
  retention.registerJobs();
  evidence.registerJobs();
  await rules.seed();

  const stopping = new AbortController();
  const answer = createApp({
    log,
    isHttps: publicUrl.startsWith("https:"),
    routers: [
      createCallbackRouter({ ...ground, wecom, held }).routes(),
      entrance.router.routes(),
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
      archive.start();
      void tryUntilDone(prepareWork, { log, signal: stopping.signal }).then((isReady) => {
        if (isReady) jobs.start();
      });
    },
    async stop() {
      stopping.abort();
      events.stop();
      archive.stop();
      retention.stop();
      await jobs.stop();
      await archive.close();
      client.close();
      await database.close();
    },
  };

  /** The directory first: without it nobody's manager is known, and cards would go to administrators. */
  async function prepareWork(): Promise<void> {
    await ground.keyring.untilOpen(stopping.signal);
    await held.release();
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

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import { pino } from "pino";
import request from "supertest";
import type { Test } from "supertest";
import { createApp } from "../../../../server/src/app.ts";
import { entities } from "../../../../server/src/entities.ts";
import { createAccess } from "../../../../server/src/features/access/access.service.ts";
import { readSaidConsents } from "../../../../server/src/features/archive/consents.ts";
import { createCustomers } from "../../../../server/src/features/customers/customers.service.ts";
import {
  endGrantsOfLeavers,
  flagGrantsOfMovers,
} from "../../../../server/src/features/access/grants-upkeep.ts";
import { findOpenEmergency } from "../../../../server/src/features/emergency/open-emergencies.ts";
import { createPermissionUse } from "../../../../server/src/features/access/permission-use.ts";
import { createMembers } from "../../../../server/src/features/members/members.service.ts";
import type { ApiRoutes } from "../../../../server/src/features/sign-in/actor.ts";
import { createSignInCookies } from "../../../../server/src/features/sign-in/cookies.ts";
import { createFailureLog } from "../../../../server/src/features/sign-in/failure-log.ts";
import { createGate } from "../../../../server/src/features/sign-in/gate.ts";
import { addSessionRoutes } from "../../../../server/src/features/sign-in/session.routes.ts";
import { createSessionWatch } from "../../../../server/src/features/sign-in/session-watch.ts";
import { createSessions } from "../../../../server/src/features/sign-in/sessions.service.ts";
import { createSignInRouter } from "../../../../server/src/features/sign-in/sign-in.routes.ts";
import { createSignInService } from "../../../../server/src/features/sign-in/sign-in.service.ts";
import { createLiveEvents } from "../../../../server/src/platform/events/live-events.ts";
import { Routes } from "../../../../server/src/platform/http/routes.ts";
import { createJobs } from "../../../../server/src/platform/jobs/jobs.ts";
import { opaqueTokens } from "../../../../server/src/platform/opaque-tokens.ts";
import { createVault } from "../../../../server/src/platform/vault/vault.ts";
import { createSharedTokens } from "../../../../server/src/wecom/access-tokens.ts";
import { checkSingleConsent } from "../../../../server/src/wecom/archive-consent.ts";
import { createCustomerContact } from "../../../../server/src/wecom/customer-contact.ts";
import { createDirectory } from "../../../../server/src/wecom/directory.ts";
import { createJssdk } from "../../../../server/src/wecom/jssdk.ts";
import { createSignIn } from "../../../../server/src/wecom/sign-in.ts";
import { createWecomClient } from "../../../../server/src/wecom/wecom-client.ts";
import type { OpenTestDatabase } from "../../../support/test-database.ts";
import { emptyTables } from "../../../support/test-database.ts";
import { testConfig } from "../../wecom/fake-wecom.ts";
import { startFakeCompany } from "./fake-company.ts";
import type { FakeCompany } from "./fake-company.ts";

export const PUBLIC_URL = "https://wecom.example.com";
export const WECOM_BROWSER = "Mozilla/5.0 Chrome/126.0 wxwork/4.1.36 (MicroMessenger/6.2)";
/** What a page of ours sends with a change. */
export const pageHeaders = {
  "x-requested-with": "wecom-guard",
  origin: PUBLIC_URL,
  "sec-fetch-site": "same-origin",
};

export interface WorldOptions {
  publicUrl?: string;
  /** How often open streams look whether their session has run out. */
  checkEveryMs?: number;
  adminMemberIds?: string[];
}

export type PeopleWorld = Awaited<ReturnType<typeof startPeopleWorld>>;

/** One process of the product, as far as people are concerned, with a fake corp at the other end of its HTTP. */
export async function startPeopleWorld(
  open: OpenTestDatabase,
  options: WorldOptions & {
    company?: FakeCompany;
    kek?: Buffer;
    addRoutes?: (routes: ApiRoutes, world: Parts) => void;
  } = {},
) {
  const company = options.company ?? (await startFakeCompany());
  const kek = options.kek ?? randomBytes(32);
  const parts = await assemble(open, company, kek, options);
  if (!options.company) await emptyTables(parts.database);
  const { routes } = parts;
  options.addRoutes?.(routes, parts);
  const app = createApp({
    log: parts.log,
    isHttps: parts.publicUrl.startsWith("https:"),
    routers: [createSignInRouter(parts).routes(), routes.router.routes()],
  });
  // Koa would print every page that closes its event stream.
  app.silent = true;
  const handle = app.callback();
  const server = createServer((incoming, response) => void handle(incoming, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    ...parts,
    company,
    kek,
    server,
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    browser: (userAgent?: string) => createBrowser(server, userAgent),
    /** A browser in which that member has signed in. */
    async signedIn(userid: string) {
      const browser = createBrowser(server);
      await signIn(company, browser, userid);
      return browser;
    },
    async sync() {
      await parts.database.write(await parts.members.sync());
    },
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      parts.client.close();
      if (!options.company) await company.wecom.close();
    },
  };
}

type Parts = Awaited<ReturnType<typeof assemble>>;

async function assemble(
  open: OpenTestDatabase,
  company: FakeCompany,
  kek: Buffer,
  options: WorldOptions,
) {
  const { publicUrl = PUBLIC_URL, checkEveryMs, adminMemberIds = ["liuyang"] } = options;
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString("utf8"));
      done();
    },
  });
  const log = pino({ level: "debug" }, sink);
  const time = { nowMs: Date.now() };
  const clock = { now: () => time.nowMs };
  const database = await open(entities);
  const vault = createVault(database, { id: kek.toString("hex").slice(0, 16), key: kek }, clock);
  const jobs = createJobs(database, log);
  const events = createLiveEvents(database, log);
  const config = testConfig(company.wecom.url);
  const tokens = opaqueTokens;
  const shared = createSharedTokens({ database, vault, clock, pollMs: 5 });
  const client = createWecomClient({ config, tokens: shared, clock, log, backOffMs: 1 });
  const sessions = createSessions({ database, events, clock, tokens });
  const members = createMembers({
    database,
    vault,
    jobs,
    clock,
    log,
    directory: createDirectory(client),
    async onLeft(tx, ids) {
      await sessions.endAllOf(tx, ids);
      await endGrantsOfLeavers(tx, ids, clock.now());
    },
    onMoved: (tx, ids) => flagGrantsOfMovers(tx, ids, clock.now()),
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
  const cookies = createSignInCookies(publicUrl.startsWith("https:"));
  const failures = createFailureLog(log, clock);
  const signInService = createSignInService({
    database,
    clock,
    tokens,
    sessions,
    members,
    wecom: createSignIn(config, client),
    publicUrl,
  });
  const access = createAccess({
    database,
    clock,
    members,
    adminMemberIds,
    async passingRolesOf(memberId) {
      const opened = await findOpenEmergency({ database, clock }, memberId);
      if (!opened) return [];
      return [{ role: "emergency_reader", departmentIds: null, memberIds: opened.memberIds }];
    },
  });
  const permissionUse = createPermissionUse({ database, clock, log });
  const gate = createGate({ sessions, cookies, members, access, permissionUse, clock });
  const routes: ApiRoutes = new Routes(gate, publicUrl);
  const jssdk = createJssdk({ config, client, tokens: shared, clock });
  addSessionRoutes(routes, { sessions, cookies, jssdk, publicUrl });
  const sessionWatch = createSessionWatch({
    sessions,
    cookies,
    log,
    ...(checkEveryMs === undefined ? {} : { checkEveryMs }),
  });
  return {
    lines,
    log,
    time,
    clock,
    database,
    vault,
    jobs,
    events,
    client,
    sessions,
    members,
    access,
    permissionUse,
    customers,
    cookies,
    failures,
    tokens,
    signIn: signInService,
    routes,
    sessionWatch,
    publicUrl,
  };
}

/** Keeps cookies by name; the connection is plain, so a browser's own rules are not played. */
export interface Browser {
  get(path: string): Test;
  post(path: string, body?: object): Test;
  put(path: string, body: object): Test;
  cookies: Map<string, string>;
  /** As it goes into the header. */
  cookieHeader(): string;
}

function createBrowser(server: Server, userAgent = WECOM_BROWSER): Browser {
  const cookies = new Map<string, string>();
  const cookieHeader = (): string =>
    [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const remember = (test: Test): Test => {
    test.set("User-Agent", userAgent).redirects(0);
    if (cookies.size > 0) test.set("Cookie", cookieHeader());
    test.on("response", (response: { headers: Record<string, unknown> }) => {
      for (const line of (response.headers["set-cookie"] as string[] | undefined) ?? []) {
        const [pair = ""] = line.split(";");
        const at = pair.indexOf("=");
        if (/Max-Age=0/.test(line)) cookies.delete(pair.slice(0, at));
        else cookies.set(pair.slice(0, at), pair.slice(at + 1));
      }
    });
    return test;
  };
  return {
    cookies,
    cookieHeader,
    get: (path) => remember(request(server).get(path)),
    post: (path, body = {}) => remember(request(server).post(path).set(pageHeaders).send(body)),
    put: (path, body) => remember(request(server).put(path).set(pageHeaders).send(body)),
  };
}

/** Begins to sign in and returns the state that went to WeCom. */
export async function beginSignIn(browser: Browser, returnTo = "/sidebar/"): Promise<string> {
  const answer = await browser.get(`/sign-in?returnTo=${encodeURIComponent(returnTo)}`);
  if (answer.status !== 303) throw new Error(`sign-in answered ${answer.status}`);
  return new URL(String(answer.headers["location"])).searchParams.get("state") ?? "";
}

/** A code for this person, as WeCom hands it out. */
export function issueCode(company: FakeCompany, person: Record<string, unknown>): string {
  const code = randomBytes(8).toString("hex");
  company.codes.set(code, person);
  return code;
}

export async function signIn(company: FakeCompany, browser: Browser, userid: string) {
  const state = await beginSignIn(browser);
  const code = issueCode(company, { userid });
  const answer = await browser.get(`/sign-in/callback?code=${code}&state=${state}`);
  if (answer.status !== 303) throw new Error(`the callback answered ${answer.status}`);
}

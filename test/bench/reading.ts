import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { Permission } from "#shared/contract/access";
import { createApp } from "../../server/src/app.ts";
import { entities } from "../../server/src/entities.ts";
import { createAccess } from "../../server/src/features/access/access.service.ts";
import type { Access } from "../../server/src/features/access/access.service.ts";
import { createConversations } from "../../server/src/features/archive/conversations.service.ts";
import type { Conversations } from "../../server/src/features/archive/conversations.service.ts";
import { createMessageStore } from "../../server/src/features/archive/message-store.ts";
import { createMembers } from "../../server/src/features/members/members.service.ts";
import { readingPlace } from "../../server/src/features/reading/reading.entity.ts";
import { createPermissionUse } from "../../server/src/features/access/permission-use.ts";
import type { Members } from "../../server/src/features/members/members.service.ts";
import { createSignInCookies } from "../../server/src/features/sign-in/cookies.ts";
import { createGate } from "../../server/src/features/sign-in/gate.ts";
import { createSessions } from "../../server/src/features/sign-in/sessions.service.ts";
import { opaqueTokens } from "../../server/src/platform/opaque-tokens.ts";
import type { ApiRoutes } from "../../server/src/features/sign-in/actor.ts";
import { placeOfBody } from "../../server/src/features/archive/sealed-places.ts";
import { systemClock } from "../../server/src/platform/clock.ts";
import type { Database } from "../../server/src/platform/database/database.ts";
import { insertNew } from "../../server/src/platform/database/insert-new.ts";
import { createLiveEvents } from "../../server/src/platform/events/live-events.ts";
import { createJobs } from "../../server/src/platform/jobs/jobs.ts";
import { recordEntry } from "../../server/src/platform/ledger/ledger.ts";
import { Routes } from "../../server/src/platform/http/routes.ts";
import { createVault } from "../../server/src/platform/vault/vault.ts";
import type { Vault } from "../../server/src/platform/vault/vault.ts";
import { readArchiveMessage } from "../../server/src/wecom/archive-message.ts";
import { onEachDatabase } from "./bench-database.ts";

const MESSAGES = 50;
const MEMBERS = 200;
const READS = 600;
const WARMING = 50;
const pageHeaders = { "x-requested-with": "wecom-guard" };
const log = pino({ level: "silent" });

/**
 * Reading a transcript of fifty messages as a manager does, over HTTP and with a session: opened with a purpose, then
 * fetched. With what they may do and whom they lead asked both times, the entry in the ledger and the messages unsealed;
 * over the same two requests on the same rows that ask nobody, write nothing and find every text in clear. In turns, one by one.
 */
export async function benchReading(): Promise<void> {
  process.stdout.write(`Reading ${MESSAGES} messages\n`);
  await onEachDatabase(entities, async ({ name, database }) => {
    const { guarded, bare, close } = await prepare(database);
    const [withAll, without]: [number[], number[]] = [[], []];
    for (let turn = -WARMING; turn < READS; turn += 1) {
      const [slow, fast] = [await time(guarded), await time(bare)];
      if (turn < 0) continue;
      withAll.push(slow);
      without.push(fast);
    }
    await close();
    const [slow, fast] = [median(withAll), median(without)];
    process.stdout.write(
      `  ${name}: ${slow.toFixed(2)} ms ÷ ${fast.toFixed(2)} ms = ${(slow / fast).toFixed(2)} (at most 2.0; medians of ${READS} reads)\n`,
    );
  });
}

/** Milliseconds of one read. */
async function time({ address, cookie }: Served): Promise<number> {
  const startedAt = performance.now();
  const opened = await fetch(`${address}/open`, {
    method: "POST",
    headers: { ...pageHeaders, cookie },
  });
  await opened.arrayBuffer();
  const answer = await fetch(`${address}/read`, { headers: { cookie } });
  const { length } = (await answer.json()) as unknown[];
  if (length !== MESSAGES) throw new Error(`${length} messages`);
  return performance.now() - startedAt;
}

async function prepare(database: Database) {
  const vault = createVault(database, { id: "bench", key: randomBytes(32) }, systemClock);
  const texts = await fill(database, vault);
  const { access, members } = await company(database, vault);
  const sealed = createConversations({ database, vault });
  const plain = createConversations({
    database,
    vault: { ...vault, openText: ({ rowId }) => Promise.resolve(texts.get(rowId) ?? "") },
  });
  const [{ id } = { id: "" }] = await database.read.query<{ id: string }[]>(
    "SELECT id FROM conversation",
  );
  const find = async (): Promise<void> => {
    if ((await sealed.find([id])).length === 0) throw new Error("no conversation");
  };
  const readAll = async (from: Conversations) => {
    await find();
    return await from.messages(id, { side: "older", limit: MESSAGES });
  };
  const entrance = { database, members };
  const guarded = serve(entrance, access, {
    async open() {
      await find();
      await demand(access);
      await record(database, vault, id);
      return [];
    },
    async read() {
      await demand(access);
      return await readAll(sealed);
    },
  });
  const everything = { roles: [], permissions: new Set<Permission>(["conversation.read"]) };
  const bare = serve(
    entrance,
    { standingOf: () => Promise.resolve(everything) },
    {
      open: () => find().then(() => []),
      read: () => readAll(plain),
    },
  );
  const servers = await Promise.all([guarded, bare]);
  return {
    guarded: servers[0],
    bare: servers[1],
    close: async () => {
      await Promise.all(servers.map((one) => one.close()));
    },
  };
}

/** As with every request of a reader, after the roles that they hold now: whom they reach. */
async function demand(access: Access): Promise<void> {
  const within = await access.membersWithin("lead", "conversation.read");
  if (!within.includes("member7")) throw new Error("a lead may not read");
}

async function record(database: Database, vault: Vault, conversationId: string): Promise<void> {
  const reading = { id: uuidv7(), kind: "conversation", reader_id: "lead" };
  const started_at_ms = systemClock.now();
  await database.write(async (tx) => {
    const sealer = await vault.sealerFor(tx, ["corp"]);
    const purpose = sealer.seal("corp", readingPlace(reading.id, "purpose"), "核对投诉的经过");
    const row = { ...reading, conversation_id: conversationId, purpose, search: null };
    await insertNew(tx, "reading", "id", [{ ...row, started_at_ms }]);
    recordEntry(tx, {
      kind: "conversation.read",
      actorId: "lead",
      objectId: reading.id,
      atMs: started_at_ms,
      details: { members: 1 },
    });
    const subject = { member_id: "member7", started_at_ms, reading_id: reading.id };
    await insertNew(tx, "reading_subject", "reading_id", [subject]);
  });
}

interface Served {
  address: string;
  cookie: string;
  close(): Promise<void>;
}

interface Reads {
  open: () => Promise<unknown[]>;
  read: () => Promise<unknown[]>;
}

/** Two routes in the product's own app, behind its session, so that both reads pass all that every request passes. */
async function serve(
  { database, members }: { database: Database; members: Members },
  access: Pick<Access, "standingOf">,
  { open, read }: Reads,
): Promise<Served> {
  const clock = systemClock;
  const events = createLiveEvents(database, log);
  const sessions = createSessions({ database, events, clock, tokens: opaqueTokens });
  const cookies = createSignInCookies(false);
  const permissionUse = createPermissionUse({ database, clock, log });
  const gate = createGate({ sessions, cookies, members, access, permissionUse, clock });
  const routes: ApiRoutes = new Routes(gate, "http://127.0.0.1");
  const response = z.array(z.unknown());
  routes.post("/api/open", { allow: "conversation.read", response }, open);
  routes.get("/api/read", { allow: "conversation.read", response }, read);
  const app = createApp({ log, isHttps: false, routers: [routes.router.routes()] });
  const handle = app.callback();
  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    cookie: `session=${await sessions.start("lead")}`,
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** A lead of two hundred. */
async function company(
  database: Database,
  vault: Vault,
): Promise<{ access: Access; members: Members }> {
  const person = (id: string) => ({
    id,
    name: `成员${id}`,
    position: "销售",
    departmentIds: [1],
    directLeaderIds: id === "lead" ? [] : ["lead"],
    isLeaderIn: id === "lead" ? [1] : [],
    isActive: true,
  });
  const people = [person("lead")];
  for (let n = 0; n < MEMBERS; n += 1) people.push(person(`member${n}`));
  const members = createMembers({
    database,
    vault,
    jobs: createJobs(database, log),
    clock: systemClock,
    log,
    directory: {
      listDepartments: () =>
        Promise.resolve([{ id: 1, name: "销售部", parentId: 0, leaderIds: ["lead"] }]),
      listMembersOf: () => Promise.resolve(people),
      getMember: () => Promise.reject(new Error("nobody is asked for alone")),
    },
    onLeft: () => Promise.resolve(),
    onMoved: () => Promise.resolve(),
  });
  await database.write(await members.sync());
  const adminMemberIds = ["admin"];
  return {
    members,
    access: createAccess({ database, clock: systemClock, members, adminMemberIds }),
  };
}

/** Stores one conversation as the archive does; returns what its messages say by their numbers. */
async function fill(database: Database, vault: Vault): Promise<Map<string, string>> {
  const store = createMessageStore({
    keepMedia: () => Promise.resolve(),
    database,
    vault,
    events: createLiveEvents(database, log),
    isMember: (id) => Promise.resolve(id.startsWith("member")),
    inspect: () => Promise.resolve(() => Promise.resolve()),
  });
  const opened = Array.from({ length: MESSAGES }, (_, index) => makeMessage(index + 1));
  const done = () => Promise.resolve();
  await store.store({ opened, claim: done, account: done });
  return new Map(opened.map(({ item, json }) => [placeOfBody(item.seq).rowId, json]));
}

function makeMessage(seq: number) {
  const msgid = `${seq}_1760000000000_external`;
  const [from, to] = seq % 2 === 0 ? ["member7", "wmBench"] : ["wmBench", "member7"];
  const json = JSON.stringify({
    msgid,
    action: "send",
    from,
    tolist: [to],
    roomid: "",
    msgtime: 1_760_000_000_000 + seq,
    msgtype: "text",
    text: { content: `第${seq}条：您好，上次说的那款产品资料我已经发您邮箱了，您看看有没有问题？` },
  });
  const message = readArchiveMessage(json);
  if (!message) throw new Error("the bench's own message cannot be read");
  const item = { seq, msgId: msgid, keyVersion: 1, encryptedRandomKey: "", encryptedMessage: "" };
  return { item, message, json, receivedAtMs: systemClock.now() };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

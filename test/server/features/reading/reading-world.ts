import { request as sendRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { resolve } from "node:path";
import type { ReadingView, SearchDone, SearchFound, SearchView } from "#shared/contract/reading";
import { IsNull } from "typeorm";
import { Undecodable } from "../../../../server/src/features/archive/archive.entity.ts";
import { addApprovalRoutes } from "../../../../server/src/features/approvals/approvals.routes.ts";
import { createApprovals } from "../../../../server/src/features/approvals/approvals.service.ts";
import { createConversations } from "../../../../server/src/features/archive/conversations.service.ts";
import { createMessageSearch } from "../../../../server/src/features/archive/message-search.ts";
import type { MessageSearch } from "../../../../server/src/features/archive/message-search.ts";
import { createSearchThreads } from "../../../../server/src/features/archive/search-threads.ts";
import type { SearchThreads } from "../../../../server/src/features/archive/search-threads.ts";
import { createMessageStore } from "../../../../server/src/features/archive/message-store.ts";
import type { MessageStore } from "../../../../server/src/features/archive/message-store.ts";
import { createNeighbours } from "../../../../server/src/features/archive/neighbours.ts";
import { createArchiveReader } from "../../../../server/src/features/archive/reader.service.ts";
import { createHitMarks } from "../../../../server/src/features/cases/hit-marks.ts";
import { createInspection } from "../../../../server/src/features/cases/inspection.ts";
import { maskName, maskNumbers } from "../../../../server/src/features/cases/quote.ts";
import { addReadingRoutes } from "../../../../server/src/features/reading/reading.routes.ts";
import { createReading } from "../../../../server/src/features/reading/reading.service.ts";
import type { Extensions } from "../../../../server/src/features/reading/extensions.service.ts";
import {
  enqueueTellUnmasked,
  registerUnmaskingJobs,
} from "../../../../server/src/features/reading/unmasking.jobs.ts";
import { AppError } from "../../../../server/src/platform/http/app-error.ts";
import type { TextCard } from "../../../../server/src/wecom/card-body.ts";
import { logReading } from "../../../../server/src/features/reading/reading-log.ts";
import {
  enqueueTellOpened,
  enqueueTellReviewed,
  registerEmergencyJobs,
} from "../../../../server/src/features/emergency/emergencies.jobs.ts";
import { addEmergencyRoutes } from "../../../../server/src/features/emergency/emergencies.routes.ts";
import { createEmergencies } from "../../../../server/src/features/emergency/emergencies.service.ts";
import type { Emergencies } from "../../../../server/src/features/emergency/emergencies.service.ts";
import { findOpenEmergency } from "../../../../server/src/features/emergency/open-emergencies.ts";
import type { AppMessages } from "../../../../server/src/wecom/app-messages.ts";
import { createRules } from "../../../../server/src/features/rules/rules.service.ts";
import type { Rules } from "../../../../server/src/features/rules/rules.service.ts";
import { readArchiveMessage } from "../../../../server/src/wecom/archive-message.ts";
import { extendAll } from "../../../support/extend-all.ts";
import { alwaysWorking } from "../../../support/always-working.ts";
import type { OpenTestDatabase } from "../../../support/test-database.ts";
import { customer, member } from "../sign-in/fake-company.ts";
import type { FakeCompany } from "../sign-in/fake-company.ts";
import { startPeopleWorld } from "../sign-in/people-world.ts";
import type { Browser, PeopleWorld } from "../sign-in/people-world.ts";

export const MINUTE_MS = 60_000;
export const PURPOSE = "客户投诉，核实承诺内容";

/** Something that is said; `to` is one person, or nobody when it is said in a room. */
export interface Said {
  from: string;
  to?: string;
  room?: string;
  text?: string;
  atMs: number;
  /** Over the wire form of a text message. */
  wire?: Record<string, unknown>;
}

/** What searches do; `onStep` sees each step before it is handed on. */
export interface SearchWatch {
  onStep: (() => Promise<void> | void) | null;
  steps: number;
  /** Searches that have ended, in whatever way. */
  ended: number;
}

export interface ReadingWorld extends PeopleWorld {
  rules: Rules;
  extensions: Extensions;
  emergencies: Emergencies;
  watch: SearchWatch;
  /** What was pushed to managers. */
  cards: TextCard[];
  /** Lets messages come out of the archive, in one page; returns their seqs. */
  archive(said: readonly Said[]): Promise<number[]>;
}

/** 张伟 leads 陈丽 and 吴昊; 周敏 leads all three; 林晓燕 leads 徐杰; 刘洋 administers. */
export async function startReadingWorld(
  open: OpenTestDatabase,
  /** Another process of that company, on the same database, with nothing in memory yet. */
  of?: ReadingWorld,
): Promise<ReadingWorld> {
  let rules: Rules | undefined;
  let store: MessageStore | undefined;
  let threads: SearchThreads | undefined;
  let extensions: Extensions | undefined;
  let emergency: Emergencies | undefined;
  const cards: TextCard[] = [];
  let lastSeq = 0;
  const watch: SearchWatch = { onStep: null, steps: 0, ended: 0 };
  const world = await startPeopleWorld(open, {
    checkEveryMs: 10,
    ...(of && { company: of.company, kek: of.kek }),
    addRoutes: (routes, parts) => {
      rules = createRules({
        ...parts,
        onRuleFailed: () => Promise.resolve(),
        onPublished: () => Promise.resolve(),
      });
      const reader = createArchiveReader({ corpId: "ww1", ...parts });
      const inspect = createInspection({
        ...parts,
        rules,
        reader,
        neighbours: createNeighbours(parts),
        calendar: alwaysWorking,
        fallbackManagersOf: () => Promise.resolve([]),
      });
      const isMember = async (id: string) => (await parts.members.find(id)) !== undefined;
      store = createMessageStore({ ...parts, inspect, isMember, keepMedia: noMedia });
      threads = createSearchThreads({
        workerFile: resolve("server/src/features/archive/search.worker.ts"),
        execArgv: ["--conditions=source", "--import", "tsx"],
        databaseUrl: open.url(),
        vault: parts.vault,
      });
      const approvals = createApprovals({
        ...parts,
        onRequested: () => Promise.resolve(),
        onEnded: () => Promise.resolve(),
      });
      const reading = createReading({
        ...parts,
        approvals,
        openCase: () => Promise.reject(new AppError("not_found")),
        onUnmasked: (tx, id) => enqueueTellUnmasked(parts.jobs, tx, id),
        emergencyOf: (readerId) => findOpenEmergency(parts, readerId),
        conversations: createConversations(parts),
        messages: watched(createMessageSearch({ ...parts, threads }), watch),
        countUnopened: () => parts.database.read.countBy(Undecodable, { resolvedAtMs: IsNull() }),
        hitMarks: createHitMarks({ ...parts, rules }),
        media: { standingOf: () => Promise.resolve(new Map()) },
        maskName,
        maskNumbers,
      });
      extensions = reading.extensions;
      const pushes: Pick<AppMessages, "pushTextCard"> = {
        pushTextCard(card) {
          cards.push(card);
          return Promise.resolve({ messageId: null, responseCode: null, invalidMemberIds: [] });
        },
      };
      registerUnmaskingJobs({ ...parts, messages: pushes });
      addApprovalRoutes(routes, approvals);
      const emergencies = createEmergencies({
        ...parts,
        approvals,
        calendar: alwaysWorking,
        logReading: (tx, entry) => logReading(tx, parts.vault, entry),
        onOpened: (tx, id) => enqueueTellOpened(parts.jobs, tx, id),
        onReviewed: (tx, id) => enqueueTellReviewed(parts.jobs, tx, id),
      });
      registerEmergencyJobs({ ...parts, messages: pushes, emergencies });
      addEmergencyRoutes(routes, emergencies);
      addReadingRoutes(routes, {
        ...reading,
        ...parts,
        onPassingRightsEnded: (memberId, listener) => emergencies.onEnded(memberId, listener),
      });
      emergency = emergencies;
    },
  });
  if (!rules || !store || !extensions || !emergency) throw new Error("the routes were not added");
  if (!of) prepare(world.company);
  await world.sync();
  await rules.seed();
  const stored = store;
  return {
    ...world,
    rules,
    extensions,
    emergencies: emergency,
    watch,
    cards,
    async archive(said) {
      const opened = said.map((one) => {
        lastSeq += 1;
        return toOpened(one, lastSeq, world.time.nowMs);
      });
      const done = () => Promise.resolve();
      const batch = { opened, claim: done, account: done };
      await stored.store(batch);
      return opened.map(({ item }) => item.seq);
    },
    async stop() {
      await world.stop();
      await threads?.close();
    },
  };
}

function watched(search: MessageSearch, watch: SearchWatch): MessageSearch {
  return {
    async *search(...wish) {
      try {
        for await (const step of search.search(...wish)) {
          watch.steps += 1;
          await watch.onStep?.();
          yield step;
        }
      } finally {
        watch.ended += 1;
      }
    },
  };
}

const noMedia = () => Promise.resolve();

function prepare(company: FakeCompany): void {
  company.departments.push(
    { id: 4, name: "渠道部", parentid: 1, department_leader: ["linxiaoyan"] },
    { id: 32, name: "二组", parentid: 3, department_leader: [] },
  );
  company.members.push(
    member("linxiaoyan", { name: "林晓燕", department: [4] }),
    member("xujie", { name: "徐杰", department: [4] }),
    member("heping", { name: "何平", department: [32] }),
  );
  company.customers.set("wmA", customer("wmA", [["ChenLi"]], { name: "王总" }));
  company.customers.set("wmB", customer("wmB", [["wuhao"]], { name: "赵女士" }));
  company.groups.set("wrG", {
    chat_id: "wrG",
    name: "新品交流群",
    owner: "ChenLi",
    create_time: 1_700_000_000,
    member_list: [
      { userid: "ChenLi", type: 1 },
      { userid: "xujie", type: 1 },
      { userid: "wmA", type: 2, name: "客户" },
    ],
  });
}

function toOpened({ from, to, room, text, atMs, wire }: Said, seq: number, receivedAtMs: number) {
  const msgid = `m${seq}_external`;
  const json = JSON.stringify({
    msgid,
    action: "send",
    from,
    tolist: to === undefined ? [] : [to],
    roomid: room ?? "",
    msgtime: atMs,
    msgtype: "text",
    text: { content: text ?? `第${seq}句` },
    ...wire,
  });
  const message = readArchiveMessage(json);
  if (!message) throw new Error("not a message");
  const sealed = { encryptedRandomKey: "", encryptedMessage: "" };
  return { item: { seq, msgId: msgid, keyVersion: 1, ...sealed }, message, json, receivedAtMs };
}

export async function startReading(browser: Browser, conversationId: string): Promise<ReadingView> {
  const answer = await browser.post("/api/manager/readings", { conversationId, purpose: PURPOSE });
  if (answer.status !== 201) throw new Error(`no reading: ${answer.status} ${answer.text}`);
  return answer.body as ReadingView;
}

/** As if a second person had said yes to reading all of every conversation there is. */
export async function openEverything(world: ReadingWorld, readerId: string): Promise<void> {
  await extendAll(world.database, readerId, world.time.nowMs);
}

/** What a search has told, when its stream ended. */
export interface SearchOutcome {
  found: SearchFound[];
  progress: { scanned: number; total: number }[];
  done: SearchDone | undefined;
}

export async function startSearch(
  browser: Browser,
  text: string,
  filter: object = {},
): Promise<SearchView> {
  const request = { text, filter, purpose: PURPOSE };
  const answer = await browser.post("/api/manager/searches", request);
  if (answer.status !== 201) throw new Error(`no search: ${answer.status} ${answer.text}`);
  return answer.body as SearchView;
}

/** Searches as the page does and waits for the stream's end. */
export async function search(
  world: ReadingWorld,
  browser: Browser,
  text: string,
  filter: object = {},
): Promise<SearchOutcome> {
  const { id } = await startSearch(browser, text, filter);
  const { answer } = await openResults(world, browser, id);
  if (answer.statusCode !== 200) throw new Error(`no results: ${answer.statusCode}`);
  let all = "";
  for await (const chunk of answer) all += String(chunk);
  return readOutcome(all);
}

/** The open stream of a search's results. */
export async function openResults(
  world: ReadingWorld,
  browser: Browser,
  searchId: string,
): Promise<{ answer: IncomingMessage; close: () => void }> {
  return await new Promise((opened, reject) => {
    const outgoing = sendRequest(
      `${world.address}/api/manager/searches/${searchId}/results`,
      { headers: { cookie: browser.cookieHeader() } },
      (answer) => {
        answer.setEncoding("utf8");
        opened({ answer, close: () => outgoing.destroy() });
      },
    );
    outgoing.once("error", reject);
    outgoing.end();
  });
}

export function readOutcome(stream: string): SearchOutcome {
  const outcome: SearchOutcome = { found: [], progress: [], done: undefined };
  for (const block of stream.split("\n\n")) {
    const event = /^event: (.*)$/m.exec(block)?.[1];
    const data: unknown = JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? "null");
    if (event === "found") outcome.found.push(data as SearchFound);
    if (event === "progress") outcome.progress.push(data as SearchDone);
    if (event === "done") outcome.done = data as SearchDone;
  }
  return outcome;
}

import { resolve } from "node:path";
import type { RuleScanView } from "#shared/contract/rule-scan";
import { composeRuleScans } from "../../../../server/src/compose/rule-scans.ts";
import { createConversations } from "../../../../server/src/features/archive/conversations.service.ts";
import { createMessageStore } from "../../../../server/src/features/archive/message-store.ts";
import type { MessageStore } from "../../../../server/src/features/archive/message-store.ts";
import { createNeighbours } from "../../../../server/src/features/archive/neighbours.ts";
import { createArchiveReader } from "../../../../server/src/features/archive/reader.service.ts";
import { createSearchThreads } from "../../../../server/src/features/archive/search-threads.ts";
import type { SearchThreads } from "../../../../server/src/features/archive/search-threads.ts";
import { addCaseRoutes } from "../../../../server/src/features/cases/cases.routes.ts";
import { createCases } from "../../../../server/src/features/cases/cases.service.ts";
import type { Cases } from "../../../../server/src/features/cases/cases.service.ts";
import { createHitMarks } from "../../../../server/src/features/cases/hit-marks.ts";
import { defaultPlan, openCalendar } from "#shared/working-calendar";
import { createInspection } from "../../../../server/src/features/cases/inspection.ts";
import { maskName, maskNumbers } from "../../../../server/src/features/cases/quote.ts";
import { addReadingRoutes } from "../../../../server/src/features/reading/reading.routes.ts";
import { createReading } from "../../../../server/src/features/reading/reading.service.ts";
import { createRules } from "../../../../server/src/features/rules/rules.service.ts";
import type { Rules } from "../../../../server/src/features/rules/rules.service.ts";
import { readArchiveMessage } from "../../../../server/src/wecom/archive-message.ts";
import { eventually } from "../../../support/eventually.ts";
import type { OpenTestDatabase } from "../../../support/test-database.ts";
import { customer, member } from "../sign-in/fake-company.ts";
import { startPeopleWorld } from "../sign-in/people-world.ts";
import type { Browser, PeopleWorld } from "../sign-in/people-world.ts";

export const path = "/api/admin/rule-scans";
export const PURPOSE = "核对新规则准不准";
/** 2026-11-18, a Wednesday, 09:00 in Shanghai. */
export const START_MS = Date.UTC(2026, 10, 18, 1);
export const range = { fromDay: "2026-11-18", toDay: "2026-11-20" };

export interface Said {
  from: string;
  to?: string;
  room?: string;
  text?: string;
  /** After `START_MS`. */
  at: number;
  wire?: Record<string, unknown>;
}

export interface RuleScanWorld extends PeopleWorld {
  rules: Rules;
  cases: Cases;
  /** Lets messages come out of the archive, in one page; returns their seqs. */
  archive(said: readonly Said[]): Promise<number[]>;
  /** Begins a scan as its page does. */
  start(browser: Browser, kind?: "back_test" | "look_back"): Promise<RuleScanView>;
  /** Lets the jobs work until nothing is left to do. */
  work(): Promise<void>;
  /** Begins one and lets it come to its end. */
  run(browser: Browser, kind?: "back_test" | "look_back"): Promise<RuleScanView>;
}

/**
 * 张伟 leads 陈丽 and 吴昊, 周敏 leads all three and administers; 林晓燕 leads 徐杰; 刘洋 administers and reads nobody.
 * A stretch of a scan goes through few messages, so that each scan takes many.
 */
export async function startRuleScanWorld(
  open: OpenTestDatabase,
  of?: RuleScanWorld,
): Promise<RuleScanWorld> {
  let rules: Rules | undefined;
  let cases: Cases | undefined;
  let store: MessageStore | undefined;
  let threads: SearchThreads | undefined;
  let lastSeq = 0;
  let isWorking = false;
  const world = await startPeopleWorld(open, {
    adminMemberIds: ["zhoumin", "liuyang"],
    ...(of && { company: of.company, kek: of.kek }),
    addRoutes: (routes, parts) => {
      rules = createRules({
        ...parts,
        onRuleFailed: () => Promise.resolve(),
        onPublished: () => Promise.resolve(),
      });
      const calendar = () => Promise.resolve(openCalendar(defaultPlan));
      const reader = createArchiveReader({ corpId: "ww1", ...parts });
      const managersOf = (id: string) => parts.members.managersOf(id);
      const inspect = createInspection({
        ...parts,
        rules,
        reader,
        neighbours: createNeighbours(parts),
        calendar,
        fallbackManagersOf: () => Promise.resolve([]),
      });
      const isMember = async (id: string) => (await parts.members.find(id)) !== undefined;
      const keepMedia = () => Promise.resolve();
      store = createMessageStore({ ...parts, inspect, isMember, keepMedia });
      cases = createCases({ ...parts, rules, reader, onDecided: () => Promise.resolve() });
      threads = createSearchThreads({
        workerFile: resolve("server/src/features/archive/search.worker.ts"),
        execArgv: ["--conditions=source", "--import", "tsx"],
        databaseUrl: open.url(),
        vault: parts.vault,
        threads: 1,
      });
      const conversations = createConversations(parts);
      const reading = createReading({
        ...parts,
        approvals: {
          register: () => undefined,
          request: () => Promise.reject(new Error("nobody asks")),
        },
        openCase: () => Promise.reject(new Error("nobody unmasks")),
        onUnmasked: () => Promise.resolve(),
        emergencyOf: () => Promise.resolve(undefined),
        conversations,
        messages: { search: () => Promise.reject(new Error("nobody searches")) as never },
        countUnopened: () => Promise.resolve(0),
        hitMarks: createHitMarks({ ...parts, rules }),
        media: { standingOf: () => Promise.resolve(new Map()) },
        maskName,
        maskNumbers,
      });
      const scans = composeRuleScans(parts, {
        ...parts,
        ...reading,
        rules,
        reader,
        conversations,
        calendar,
        threads,
        managersOf,
        budgetMs: 0,
        portionSize: 7,
      });
      scans.addRoutes(routes);
      scans.registerJobs();
      addReadingRoutes(routes, {
        ...reading,
        ...parts,
        onPassingRightsEnded: () => () => undefined,
      });
      addCaseRoutes(routes, cases);
    },
  });
  if (!rules || !store || !cases) throw new Error("the routes were not added");
  if (!of) prepare(world);
  // Days are counted by it, and rights are good while the directory is fresh.
  world.time.nowMs = START_MS + 3 * 24 * 3600_000;
  await world.sync();
  const stored = store;
  const all: RuleScanWorld = {
    ...world,
    rules,
    cases,
    async archive(said) {
      const opened = said.map((one) => {
        lastSeq += 1;
        return toOpened(one, lastSeq);
      });
      const done = () => Promise.resolve();
      await stored.store({ opened, claim: done, account: done });
      return opened.map(({ item }) => item.seq);
    },
    async start(browser, kind = "back_test") {
      const answer = await browser.post(path, { kind, ...range });
      if (answer.status !== 201) throw new Error(`not begun: ${answer.status} ${answer.text}`);
      return answer.body as RuleScanView;
    },
    async work() {
      if (!isWorking) world.jobs.start();
      isWorking = true;
      // Other kinds of jobs have nobody here who does them.
      const waiting = () =>
        world.database.read.query<unknown[]>(
          "SELECT id FROM job WHERE kind = 'rule-scans.step' AND state IN ('ready', 'running')",
        );
      await eventually(waiting, (jobs) => jobs.length === 0, 40_000);
    },
    async run(browser, kind) {
      const { id } = await all.start(browser, kind);
      await all.work();
      return (await browser.get(`${path}/${id}`)).body as RuleScanView;
    },
    async stop() {
      await world.jobs.stop();
      await world.stop();
      await threads?.close();
    },
  };
  return all;
}

function prepare({ company }: PeopleWorld): void {
  company.departments.push({
    id: 4,
    name: "渠道部",
    parentid: 1,
    department_leader: ["linxiaoyan"],
  });
  company.members.push(
    member("linxiaoyan", { name: "林晓燕", department: [4] }),
    member("xujie", { name: "徐杰", department: [4] }),
  );
  company.customers.set("wmA", customer("wmA", [["ChenLi"]], { name: "王总" }));
  company.customers.set("wmB", customer("wmB", [["wuhao"]], { name: "赵女士" }));
}

function toOpened({ from, to, room, text, at, wire }: Said, seq: number) {
  const msgid = `m${seq}_external`;
  const json = JSON.stringify({
    msgid,
    action: "send",
    from,
    tolist: to === undefined ? [] : [to],
    roomid: room ?? "",
    msgtime: START_MS + at,
    msgtype: "text",
    text: { content: text ?? `第${seq}句` },
    ...wire,
  });
  const message = readArchiveMessage(json);
  if (!message) throw new Error("not a message");
  const sealed = { encryptedRandomKey: "", encryptedMessage: "" };
  const item = { seq, msgId: msgid, keyVersion: 1, ...sealed };
  return { item, message, json, receivedAtMs: START_MS + at };
}

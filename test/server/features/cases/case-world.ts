import type { RuleDraft, RuleView } from "#shared/contract/rule";
import { createMessageStore } from "../../../../server/src/features/archive/message-store.ts";
import type { MessageStore } from "../../../../server/src/features/archive/message-store.ts";
import { createNeighbours } from "../../../../server/src/features/archive/neighbours.ts";
import { createArchiveReader } from "../../../../server/src/features/archive/reader.service.ts";
import type { ArchiveReader } from "../../../../server/src/features/archive/reader.service.ts";
import { AccessGrant } from "../../../../server/src/features/access/grant.entity.ts";
import { addCalendarRoutes } from "../../../../server/src/features/calendar/calendar.routes.ts";
import { createCalendar } from "../../../../server/src/features/calendar/calendar.service.ts";
import { addCaseRoutes } from "../../../../server/src/features/cases/cases.routes.ts";
import { createCases } from "../../../../server/src/features/cases/cases.service.ts";
import type { Cases } from "../../../../server/src/features/cases/cases.service.ts";
import { createInspection } from "../../../../server/src/features/cases/inspection.ts";
import { createRules } from "../../../../server/src/features/rules/rules.service.ts";
import type { Rules } from "../../../../server/src/features/rules/rules.service.ts";
import type { ApiRoutes } from "../../../../server/src/features/sign-in/actor.ts";
import { readArchiveMessage } from "../../../../server/src/wecom/archive-message.ts";
import { publishRules } from "../../../support/publish-rules.ts";
import type { OpenTestDatabase } from "../../../support/test-database.ts";
import { startPeopleWorld } from "../sign-in/people-world.ts";
import type { PeopleWorld } from "../sign-in/people-world.ts";

export const caseRule: RuleDraft = {
  title: "承诺保本",
  category: "测试",
  level: "caution",
  speaker: "either",
  variants: "standard",
  words: ["保本"],
  exceptions: [],
  clause: "《微信使用手册》第 3.2 条",
  reason: "不能这样说。",
  suggestion: "换一种说法。",
  isConfidential: false,
};

export interface Said {
  seq: number;
  text?: string;
  /** Seconds after the world's present. */
  at?: number;
  from?: string;
  to?: string;
  wire?: Record<string, unknown>;
}

export interface CaseParts {
  rules: Rules;
  cases: Cases;
  reader: ArchiveReader;
}

export interface CaseWorld extends CaseParts {
  people: PeopleWorld;
  store: MessageStore;
  archive(said: readonly Said[]): Promise<void>;
  /** Writes a rule and puts it in force. */
  publish(change?: Partial<RuleDraft>): Promise<RuleView>;
  grantCompliance(memberId: string, departmentIds: number[] | null): Promise<void>;
}

type Options = NonNullable<Parameters<typeof startPeopleWorld>[1]>;
type Parts = Parameters<NonNullable<Options["addRoutes"]>>[1];

/** Messages that are inspected as they come, and the cases that follow, over the real routes. */
export async function startCaseWorld(
  open: OpenTestDatabase,
  addRoutes: (routes: ApiRoutes, parts: Parts & CaseParts) => void = () => undefined,
): Promise<CaseWorld> {
  const done = () => Promise.resolve();
  let made: (CaseParts & { store: MessageStore }) | undefined;
  const people = await startPeopleWorld(open, {
    addRoutes(routes, parts) {
      const rules = createRules({ ...parts, onRuleFailed: done, onPublished: done });
      const reader = createArchiveReader({ corpId: "ww1", ...parts });
      const calendar = createCalendar(parts);
      addCalendarRoutes(routes, calendar);
      const cases = createCases({ ...parts, rules, reader, onDecided: done });
      const store = createMessageStore({
        ...parts,
        inspect: createInspection({
          ...parts,
          rules,
          reader,
          neighbours: createNeighbours(parts),
          calendar: calendar.current,
          fallbackManagersOf: () => Promise.resolve([]),
        }),
        isMember: async (id) => (await parts.members.find(id)) !== undefined,
        keepMedia: done,
      });
      made = { rules, cases, reader, store };
      addCaseRoutes(routes, cases);
      addRoutes(routes, { ...parts, ...made });
    },
  });
  await people.sync();
  if (!made) throw new Error("the routes are added at the start");
  const { rules, store } = made;
  return {
    ...made,
    people,

    async archive(said) {
      const nowMs = people.time.nowMs;
      const opened = said.map((one) => {
        const { seq, text = "", at = 0, from = "ChenLi", to = "wmA", wire } = one;
        const json = JSON.stringify({
          msgid: `m${seq}_external`,
          action: "send",
          from,
          tolist: [to],
          roomid: "",
          msgtime: nowMs + at * 1000,
          msgtype: "text",
          text: { content: text },
          ...wire,
        });
        const sealed = { encryptedRandomKey: "", encryptedMessage: "" };
        const item = { seq, msgId: `m${seq}_external`, keyVersion: 1, ...sealed };
        return { item, message: readArchiveMessage(json)!, json, receivedAtMs: nowMs };
      });
      await store.store({ opened, claim: done, account: done });
    },

    async publish(change = {}) {
      const rule = await rules.drafts.create({ ...caseRule, ...change }, "liuyang");
      await publishRules(people.database, rules);
      return rule;
    },

    async grantCompliance(memberId, departmentIds) {
      await people.database.write((tx) =>
        tx.insert(AccessGrant, {
          id: memberId,
          memberId,
          role: "compliance",
          departmentIds,
          state: "active",
          grantedBy: "test",
          grantedAtMs: people.time.nowMs,
          endedAtMs: null,
          acceptedRisk: false,
          flaggedAtMs: null,
        }),
      );
    },
  };
}

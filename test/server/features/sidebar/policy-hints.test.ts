import fc from "fast-check";
import { customerHints, groupHints } from "../../../../server/src/features/sidebar/policy-hints.ts";
import type {
  CustomerFacts,
  GroupFacts,
} from "../../../../server/src/features/sidebar/policy-hints.ts";
import { defaultPlan, openCalendar } from "#shared/working-calendar";

const DAY_MS = 24 * 3600_000;
/** A Monday at 10:00 in Shanghai. */
const nowMs = Date.parse("2026-11-23T10:00:00+08:00");
const calendar = openCalendar(defaultPlan);

/** A chat about which the policy has nothing to say. */
const calm: CustomerFacts = {
  nowMs,
  calendar,
  consent: "agreed",
  tags: ["A类重点", "已成交"],
  otherOwnerNames: [],
  addedAtMs: nowMs - 90 * DAY_MS,
  hasRemark: true,
  openCases: 0,
};

const atHour = (time: string): Partial<CustomerFacts> => ({
  nowMs: Date.parse(`2026-11-23T${time}+08:00`),
});

const atTime = (time: string): Partial<CustomerFacts> => ({
  nowMs: Date.parse(`${time}+08:00`),
  addedAtMs: 0,
});

describe("what the policy says of a chat", () => {
  it.each<[string, Partial<CustomerFacts>, string[]]>([
    ["nothing, when all is well", {}, []],
    ["a customer who refused the archive", { consent: "refused" }, ["forbidden consent-refused"]],
    ["one whose consent is not known", { consent: "unknown" }, ["caution consent-unknown"]],
    [
      "one who did not object",
      { consent: "agreed_by_default" },
      ["notice consent-agreed_by_default"],
    ],
    ["before work", atHour("08:59:59"), ["caution off-hours"]],
    ["as work begins", atHour("09:00:00"), []],
    ["just before work ends", atHour("18:29:59"), []],
    ["as work ends", atHour("18:30:00"), ["caution off-hours"]],
    ["at midnight", atHour("00:00:00"), ["caution off-hours"]],
    ["on a Saturday", atTime("2026-11-28T10:00:00"), ["caution off-hours"]],
    ["on a Saturday on which people work", atTime("2026-10-10T10:00:00"), []],
    ["on a holiday", atTime("2026-10-01T10:00:00"), ["caution off-hours"]],
    ["a tag 勿扰", { tags: ["勿扰"] }, ["forbidden do-not-contact"]],
    ["a tag 拒绝营销", { tags: ["拒绝营销"] }, ["forbidden do-not-contact"]],
    ["a tag 请勿再联系", { tags: ["请勿再联系"] }, ["forbidden do-not-contact"]],
    ["a tag 已退订", { tags: ["已退订"] }, ["forbidden do-not-contact"]],
    ["a tag that only sounds like it", { tags: ["待联系", "营销活动"] }, []],
    ["a tag 投诉客户", { tags: ["投诉客户"] }, ["caution complaint"]],
    ["an interest in 理财", { tags: ["理财"] }, ["notice investment"]],
    ["a colleague", { otherOwnerNames: ["吴昊"] }, ["notice other-owners"]],
    ["added today", { addedAtMs: nowMs - 1000 }, ["notice new-customer"]],
    ["added six days ago", { addedAtMs: nowMs - 7 * DAY_MS + 1 }, ["notice new-customer"]],
    ["added a week ago", { addedAtMs: nowMs - 7 * DAY_MS }, []],
    ["added at a time that is not known", { addedAtMs: null }, []],
    ["no remark", { hasRemark: false }, ["notice missing-remark"]],
    ["open cases", { openCases: 2 }, ["caution open-cases"]],
    [
      "all at once, the gravest first",
      { consent: "refused", tags: ["勿扰", "投诉"], openCases: 1, hasRemark: false },
      [
        "forbidden do-not-contact",
        "forbidden consent-refused",
        "caution open-cases",
        "caution complaint",
        "notice missing-remark",
      ],
    ],
  ])("%s", (_what, change, expected) => {
    const hints = customerHints({ ...calm, ...change });
    expect(hints.map(({ level, id }) => `${level} ${id}`)).toEqual(expected);
  });

  it("names the colleagues and counts them", () => {
    const [one] = customerHints({ ...calm, otherOwnerNames: ["吴昊"] });
    expect(one?.detail).toMatch(/^吴昊也加了/);
    const [several] = customerHints({ ...calm, otherOwnerNames: ["吴昊", "林晓燕", "徐杰"] });
    expect(several?.detail).toMatch(/^吴昊 等 3 位同事也加了/);
  });

  it("always says where it is written, in words that fit a narrow pane, each hint once", () => {
    const facts = fc.record({
      nowMs: fc.integer({ min: nowMs, max: nowMs + DAY_MS }),
      calendar: fc.constant(calendar),
      consent: fc.constantFrom("agreed", "refused", "agreed_by_default", "unknown"),
      tags: fc.subarray(["勿扰", "投诉", "理财", "A类重点"]),
      otherOwnerNames: fc.subarray(["吴昊", "徐杰"]),
      addedAtMs: fc.option(fc.integer({ min: nowMs - 20 * DAY_MS, max: nowMs })),
      hasRemark: fc.boolean(),
      openCases: fc.nat(3),
    } as const);
    fc.assert(
      fc.property(facts, (given) => {
        const hints = customerHints(given);
        const order = hints.map(({ level }) => ["forbidden", "caution", "notice"].indexOf(level));
        expect(order).toEqual([...order].sort());
        expect(new Set(hints.map(({ id }) => id)).size).toBe(hints.length);
        for (const { title, detail, clause } of hints) {
          expect(clause).toMatch(/《(个人信息保护法|广告法|消费者权益保护法|微信使用手册)》/);
          expect(title.length).toBeLessThanOrEqual(24);
          expect(detail.length).toBeLessThanOrEqual(80);
        }
      }),
    );
  });

  it.each<[string, Partial<GroupFacts>, string[]]>([
    ["a group with one customer", {}, ["notice group-privacy"]],
    ["with several", { customerCount: 3 }, ["caution group-privacy"]],
    ["without any", { customerCount: 0 }, []],
    [
      "with open cases after work",
      { openCases: 1, nowMs: Date.parse("2026-11-23T22:00:00+08:00") },
      ["caution open-cases", "caution off-hours", "notice group-privacy"],
    ],
  ])("%s", (_what, change, expected) => {
    const facts = { nowMs, calendar, customerCount: 1, isOwner: false, openCases: 0 };
    const hints = groupHints({ ...facts, ...change });
    expect(hints.map(({ level, id }) => `${level} ${id}`)).toEqual(expected);
  });
});

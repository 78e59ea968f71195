import { z } from "zod";
import { nativeActions, nativeSemantics } from "#shared/rules/native/native-rule";
import type { NativeRange, NativeRule } from "#shared/rules/native/native-rule";
import { WecomError } from "./wecom-error.ts";
import type { WecomClient } from "./wecom-client.ts";
import { toMemberId } from "./wecom-id.ts";

/** What a rule in WeCom says; `range` names everybody whom it concerns. */
export type InterceptBody = Pick<NativeRule, "name" | "words" | "semantics" | "action" | "range">;

export interface ListedInterceptRule {
  wecomRuleId: string;
  name: string;
  createdAtMs: number;
}

/** WeCom's interception of chat words (document 95130). Of all rules of the corp only those of this app can be changed. */
export interface InterceptRules {
  list(): Promise<ListedInterceptRule[]>;
  /** Null when it is gone. The range is only what the app may see of it. */
  get(wecomRuleId: string): Promise<InterceptBody | null>;
  /** Not to be repeated blindly: each call makes a rule. */
  add(body: InterceptBody): Promise<string>;
  /** `from` is how it is now: WeCom takes the range as a difference. */
  update(wecomRuleId: string, from: InterceptBody, to: InterceptBody): Promise<void>;
  /** Does nothing when it is gone. */
  remove(wecomRuleId: string): Promise<void>;
  /** Whom the app may name: its visible scope (可见范围). */
  visibleScope(): Promise<NativeRange>;
}

/** 41070 never was, 41071 deleted. */
const GONE = [41070, 41071];

const texts = z.array(z.string()).catch([]);
const numbers = z.array(z.coerce.number()).catch([]);
const rangeShape = z.object({ user_list: texts, department_list: numbers });

const listAnswer = z.object({
  rule_list: z
    .array(
      z.object({
        rule_id: z.string().min(1),
        rule_name: z.string().catch(""),
        create_time: z.coerce.number().catch(0),
      }),
    )
    .default([]),
});

/** The document's samples disagree on where `semantics_list` stands. */
const ruleAnswer = z.object({
  rule: z.object({
    rule_name: z.string().catch(""),
    word_list: texts,
    semantics_list: numbers,
    extra_rule: z.object({ semantics_list: numbers }).catch({ semantics_list: [] }),
    intercept_type: z.coerce.number(),
    applicable_range: rangeShape.catch({ user_list: [], department_list: [] }),
  }),
});

const addAnswer = z.object({ rule_id: z.string().min(1) });

const agentAnswer = z.object({
  allow_userinfos: z
    .object({ user: z.array(z.object({ userid: z.string().min(1) })).catch([]) })
    .catch({ user: [] }),
  allow_partys: z.object({ partyid: numbers }).catch({ partyid: [] }),
});

export function createInterceptRules(client: WecomClient, agentId: number): InterceptRules {
  const post = <T>(name: string, body: object, schema: z.ZodType<T>, expected: number[] = []) =>
    client.call({
      api: `/externalcontact/${name}`,
      method: "POST",
      as: "app",
      body,
      schema,
      expected,
    });

  return {
    async list() {
      const { rule_list } = await client.call({
        api: "/externalcontact/get_intercept_rule_list",
        method: "GET",
        as: "app",
        schema: listAnswer,
      });
      return rule_list.map((rule) => ({
        wecomRuleId: rule.rule_id,
        name: rule.rule_name,
        createdAtMs: rule.create_time * 1000,
      }));
    },

    async get(wecomRuleId) {
      const answer = await unlessGone(
        post("get_intercept_rule", { rule_id: wecomRuleId }, ruleAnswer, GONE),
      );
      return answer && readRule(answer.rule);
    },

    async add(body) {
      const { rule_id } = await post(
        "add_intercept_rule",
        {
          rule_name: body.name,
          word_list: body.words,
          semantics_list: toWireSemantics(body),
          intercept_type: toWireAction(body),
          applicable_range: toWireRange(body.range),
        },
        addAnswer,
      );
      return rule_id;
    },

    async update(wecomRuleId, from, to) {
      await post(
        "update_intercept_rule",
        {
          rule_id: wecomRuleId,
          rule_name: to.name,
          word_list: to.words,
          extra_rule: { semantics_list: toWireSemantics(to) },
          intercept_type: toWireAction(to),
          add_applicable_range: toWireRange(without(to.range, from.range)),
          remove_applicable_range: toWireRange(without(from.range, to.range)),
        },
        z.object({}),
      );
    },

    async remove(wecomRuleId) {
      await unlessGone(post("del_intercept_rule", { rule_id: wecomRuleId }, z.object({}), GONE));
    },

    async visibleScope() {
      const { allow_userinfos, allow_partys } = await client.call({
        api: "/agent/get",
        method: "GET",
        as: "app",
        query: { agentid: agentId },
        schema: agentAnswer,
      });
      return {
        memberIds: allow_userinfos.user.map(({ userid }) => toMemberId(userid)),
        departmentIds: allow_partys.partyid,
      };
    },
  };
}

function readRule(wire: z.output<typeof ruleAnswer>["rule"]): InterceptBody {
  const kinds = new Set([...wire.semantics_list, ...wire.extra_rule.semantics_list]);
  return {
    name: wire.rule_name,
    words: wire.word_list,
    semantics: nativeSemantics.filter((_, index) => kinds.has(index + 1)),
    action: nativeActions[wire.intercept_type - 1] ?? "warn",
    range: {
      memberIds: wire.applicable_range.user_list.map(toMemberId),
      departmentIds: wire.applicable_range.department_list,
    },
  };
}

/** 1 phone number, 2 e-mail address, 3 red packet. */
function toWireSemantics({ semantics }: InterceptBody): number[] {
  return semantics.map((kind) => nativeSemantics.indexOf(kind) + 1);
}

/** 1 warns and holds back, 2 warns. */
function toWireAction({ action }: InterceptBody): number {
  return nativeActions.indexOf(action) + 1;
}

function toWireRange({ memberIds, departmentIds }: NativeRange): object {
  return { user_list: memberIds, department_list: departmentIds };
}

function without(all: NativeRange, some: NativeRange): NativeRange {
  return {
    memberIds: all.memberIds.filter((id) => !some.memberIds.includes(id)),
    departmentIds: all.departmentIds.filter((id) => !some.departmentIds.includes(id)),
  };
}

async function unlessGone<T>(result: Promise<T>): Promise<T | null> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof WecomError && GONE.includes(error.errcode)) return null;
    throw error;
  }
}

import { randomText } from "../corp.ts";
import {
  liveRules,
  saveRule,
  type InterceptRange,
  type InterceptRule,
  type Maker,
} from "../intercept.ts";
import type { Store } from "../store.ts";
import type { World } from "../world.ts";
import {
  readFields,
  readNumber,
  readNumbers,
  readText,
  readTexts,
  requireText,
  type Fields,
  type Handler,
} from "./endpoint.ts";
import { WecomError } from "./wecom-error.ts";

const MAX_RULES = 100;
const MAX_WORDS = 300;
const MAX_WORD_LENGTH = 32;
const MAX_MEMBERS = 10_000;

export const addInterceptRule: Handler = ({ body }, world) => ({
  rule_id: addRule(world, body, "app"),
});

/** Of the app, or of an administrator in WeCom's console; both within the same limits. */
export function addRule(world: World, body: Fields, madeBy: Maker): string {
  const rules = liveRules(world.store);
  if (rules.length >= MAX_RULES) throw new WecomError(41069, "too many intercept rules");
  const range = readRange(body, "applicable_range");
  if (range.user_list.length + range.department_list.length === 0) throw new WecomError(40058);
  const rule: InterceptRule = {
    rule_id: `rule${randomText(12)}`,
    rule_name: checkName(requireText(body, "rule_name"), rules),
    word_list: checkWords(readTexts(body, "word_list")),
    extra_rule: { semantics_list: checkSemantics(readNumbers(body, "semantics_list")) },
    intercept_type: checkType(readNumber(body, "intercept_type")),
    applicable_range: checkRange(world, range, 1000),
  };
  if (rule.word_list.length === 0) throw new WecomError(41083, "empty word_list");
  saveRule(world.store, { rule, madeBy, createdAtMs: world.now() });
  return rule.rule_id;
}

export const listInterceptRules: Handler = (_, { store }) => ({
  rule_list: liveRules(store).map(({ rule: { rule_id, rule_name }, createdAtMs }) => ({
    rule_id,
    rule_name,
    create_time: Math.floor(createdAtMs / 1000),
  })),
});

export const getInterceptRule: Handler = ({ body }, { store }) => ({
  rule: requireRule(store, body).rule,
});

export const updateInterceptRule: Handler = ({ body }, world) => {
  changeRule(world, body, "app");
  return {};
};

export function changeRule(world: World, body: Fields, by: Maker): void {
  const kept = requireRule(world.store, body, by);
  const { rule } = kept;
  const others = liveRules(world.store).filter((one) => one.rule.rule_id !== rule.rule_id);
  const name = readText(body, "rule_name");
  const words = readTexts(body, "word_list");
  const type = readNumber(body, "intercept_type");
  const semantics = readNumbers(readFields(body, "extra_rule"), "semantics_list");
  const changed: InterceptRule = {
    ...rule,
    rule_name: name === undefined ? rule.rule_name : checkName(name, others),
    // An empty list is ignored, another one replaces the whole list.
    word_list: words.length === 0 ? rule.word_list : checkWords(words),
    extra_rule:
      body["extra_rule"] === undefined
        ? rule.extra_rule
        : { semantics_list: checkSemantics(semantics) },
    intercept_type: type === undefined ? rule.intercept_type : checkType(type),
    applicable_range: changeRange(world, rule.applicable_range, body),
  };
  saveRule(world.store, { ...kept, rule: changed });
}

export const deleteInterceptRule: Handler = ({ body }, world) => {
  removeRule(world, body, "app");
  return {};
};

export function removeRule({ store }: World, body: Fields, by: Maker): void {
  const { rule } = requireRule(store, body, by);
  store.prepare("UPDATE interceptRules SET isDeleted = 1 WHERE ruleId = ?").run(rule.rule_id);
}

/**
 * `by`: who wants to change it. An app changes its own rules alone; which code WeCom gives otherwise is not
 * documented, 41070 is a guess. The console changes all.
 */
function requireRule(store: Store, body: Fields, by: Maker = "console") {
  const ruleId = requireText(body, "rule_id");
  const kept = liveRules(store).find(({ rule }) => rule.rule_id === ruleId);
  const isKnown = store.prepare("SELECT 1 FROM interceptRules WHERE ruleId = ?").get(ruleId);
  if (kept === undefined && isKnown !== undefined) throw new WecomError(41071, "rule is deleted");
  if (kept === undefined || (by === "app" && kept.madeBy !== "app")) {
    throw new WecomError(41070, "invalid rule_id");
  }
  return kept;
}

function checkName(name: string, others: ReturnType<typeof liveRules>): string {
  if (name.length < 1 || name.length > 20) throw new WecomError(40058, "rule_name is too long");
  if (others.some(({ rule }) => rule.rule_name === name)) {
    throw new WecomError(41077, "rule_name is not unique");
  }
  return name;
}

function checkWords(words: string[]): string[] {
  if (words.length > MAX_WORDS) throw new WecomError(41068, "too many words");
  if (words.some((word) => word.length < 1 || word.length > MAX_WORD_LENGTH)) {
    throw new WecomError(41083, "invalid word");
  }
  return words;
}

/** 1 phone number, 2 e-mail address, 3 red packet. */
function checkSemantics(semantics: number[]): number[] {
  if (semantics.some((kind) => kind < 1 || kind > 3)) throw new WecomError(41084);
  return semantics;
}

/** 1 warns and blocks, 2 warns only. */
function checkType(type: number | undefined): number {
  if (type !== 1 && type !== 2) throw new WecomError(40058, "invalid intercept_type");
  return type;
}

function readRange(body: Fields, name: string): InterceptRange {
  const range = readFields(body, name);
  return {
    user_list: readTexts(range, "user_list"),
    department_list: readNumbers(range, "department_list"),
  };
}

/** People and departments must be in the app's visible scope, which is the whole corp. */
function checkRange(
  { directory }: World,
  range: InterceptRange,
  maxMembers: number,
): InterceptRange {
  if (range.user_list.length > maxMembers || range.department_list.length > 1000) {
    throw new WecomError(41076, "applicable range is too large");
  }
  const isKnown =
    range.user_list.every((id) => directory.findMember(id) !== undefined) &&
    range.department_list.every((id) => directory.findDepartment(id) !== undefined);
  if (!isKnown) throw new WecomError(60011);
  return range;
}

function changeRange(world: World, range: InterceptRange, body: Fields): InterceptRange {
  const added = readRange(body, "add_applicable_range");
  const removed = readRange(body, "remove_applicable_range");
  const change = <Id>(now: Id[], more: Id[], less: Id[]) =>
    [...new Set([...now, ...more])].filter((id) => !less.includes(id));
  return checkRange(
    world,
    {
      user_list: change(range.user_list, added.user_list, removed.user_list),
      department_list: change(
        range.department_list,
        added.department_list,
        removed.department_list,
      ),
    },
    MAX_MEMBERS,
  );
}

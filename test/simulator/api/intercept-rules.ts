import { randomText } from "../corp.ts";
import type { Store } from "../store.ts";
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

/** WeCom's own interception of chat words, as the API keeps it. */
interface InterceptRule {
  rule_id: string;
  rule_name: string;
  word_list: string[];
  extra_rule: { semantics_list: number[] };
  intercept_type: number;
  applicable_range: Range;
}

interface Range {
  user_list: string[];
  department_list: number[];
}

interface RuleRow {
  ruleId: string;
  createdAtMs: number;
  rule: string;
  isDeleted: 0 | 1;
}

export const addInterceptRule: Handler = ({ body }, { store, now }) => {
  const rows = liveRules(store);
  if (rows.length >= MAX_RULES) throw new WecomError(41069, "too many intercept rules");
  const range = readRange(body, "applicable_range");
  if (range.user_list.length + range.department_list.length === 0) throw new WecomError(40058);
  const rule: InterceptRule = {
    rule_id: `rule${randomText(12)}`,
    rule_name: checkName(requireText(body, "rule_name"), rows),
    word_list: checkWords(readTexts(body, "word_list")),
    extra_rule: { semantics_list: checkSemantics(readNumbers(body, "semantics_list")) },
    intercept_type: checkType(readNumber(body, "intercept_type")),
    applicable_range: checkRange(range, 1000),
  };
  if (rule.word_list.length === 0) throw new WecomError(41083, "empty word_list");
  store
    .prepare("INSERT INTO interceptRules VALUES (?, ?, ?, 0)")
    .run(rule.rule_id, now(), JSON.stringify(rule));
  return { rule_id: rule.rule_id };
};

export const listInterceptRules: Handler = (_, { store }) => ({
  rule_list: liveRules(store).map((row) => {
    const { rule_id, rule_name } = parseRule(row);
    return { rule_id, rule_name, create_time: Math.floor(row.createdAtMs / 1000) };
  }),
});

export const getInterceptRule: Handler = ({ body }, { store }) => ({
  rule: requireRule(store, body),
});

export const updateInterceptRule: Handler = ({ body }, { store }) => {
  const rule = requireRule(store, body);
  const others = liveRules(store).filter((row) => row.ruleId !== rule.rule_id);
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
    applicable_range: changeRange(rule.applicable_range, body),
  };
  store
    .prepare("UPDATE interceptRules SET rule = ? WHERE ruleId = ?")
    .run(JSON.stringify(changed), rule.rule_id);
  return {};
};

export const deleteInterceptRule: Handler = ({ body }, { store }) => {
  const { rule_id } = requireRule(store, body);
  store.prepare("UPDATE interceptRules SET isDeleted = 1 WHERE ruleId = ?").run(rule_id);
  return {};
};

function liveRules(store: Store): RuleRow[] {
  return store
    .prepare("SELECT * FROM interceptRules WHERE isDeleted = 0 ORDER BY createdAtMs, ruleId")
    .all() as RuleRow[];
}

function parseRule(row: RuleRow): InterceptRule {
  return JSON.parse(row.rule) as InterceptRule;
}

function requireRule(store: Store, body: Fields): InterceptRule {
  const row = store
    .prepare("SELECT * FROM interceptRules WHERE ruleId = ?")
    .get(requireText(body, "rule_id")) as RuleRow | undefined;
  if (row === undefined) throw new WecomError(41070, "invalid rule_id");
  if (row.isDeleted === 1) throw new WecomError(41071, "rule is deleted");
  return parseRule(row);
}

function checkName(name: string, others: RuleRow[]): string {
  if (name.length < 1 || name.length > 20) throw new WecomError(40058, "rule_name is too long");
  if (others.some((row) => parseRule(row).rule_name === name)) {
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

function readRange(body: Fields, name: string): Range {
  const range = readFields(body, name);
  return {
    user_list: readTexts(range, "user_list"),
    department_list: readNumbers(range, "department_list"),
  };
}

function checkRange(range: Range, maxMembers: number): Range {
  if (range.user_list.length > maxMembers || range.department_list.length > 1000) {
    throw new WecomError(41076, "applicable range is too large");
  }
  return range;
}

function changeRange(range: Range, body: Fields): Range {
  const added = readRange(body, "add_applicable_range");
  const removed = readRange(body, "remove_applicable_range");
  const change = <Id>(now: Id[], more: Id[], less: Id[]) =>
    [...new Set([...now, ...more])].filter((id) => !less.includes(id));
  return checkRange(
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

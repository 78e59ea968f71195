import type { Store } from "./store.ts";
import type { World } from "./world.ts";

/** WeCom's own interception of chat words, as the API gives it out. */
export interface InterceptRule {
  rule_id: string;
  rule_name: string;
  word_list: string[];
  extra_rule: { semantics_list: number[] };
  intercept_type: number;
  applicable_range: InterceptRange;
}

export interface InterceptRange {
  user_list: string[];
  department_list: number[];
}

export type Maker = "app" | "console";

export interface KeptRule {
  rule: InterceptRule;
  madeBy: Maker;
  createdAtMs: number;
}

interface RuleRow {
  ruleId: string;
  createdAtMs: number;
  /** JSON of the rule with its maker; data files from before makers were noted hold rules of the app. */
  rule: string;
  isDeleted: 0 | 1;
}

export function liveRules(store: Store): KeptRule[] {
  const rows = store
    .prepare("SELECT * FROM interceptRules WHERE isDeleted = 0 ORDER BY createdAtMs, ruleId")
    .all() as RuleRow[];
  return rows.map((row) => {
    const { madeBy = "app", ...rule } = JSON.parse(row.rule) as InterceptRule & { madeBy?: Maker };
    return { rule, madeBy, createdAtMs: row.createdAtMs };
  });
}

export function saveRule(store: Store, { rule, madeBy, createdAtMs }: KeptRule): void {
  store
    .prepare("INSERT OR REPLACE INTO interceptRules VALUES (?, ?, ?, 0)")
    .run(rule.rule_id, createdAtMs, JSON.stringify({ ...rule, madeBy }));
}

export interface Objection {
  action: "block" | "warn";
  reason: string;
}

/** What the client says before a member's message goes to a customer: the gravest rule that concerns it. */
export function findObjection(
  world: World,
  { fromId, customerIds, text }: { fromId: string; customerIds: readonly string[]; text: string },
): Objection | undefined {
  if (customerIds.length === 0 || world.directory.findMember(fromId) === undefined)
    return undefined;
  const hits = liveRules(world.store).flatMap(({ rule }): Objection[] => {
    if (!concerns(world, rule.applicable_range, fromId)) return [];
    const what = findWord(rule, text);
    if (what === undefined) return [];
    const action = rule.intercept_type === 1 ? "block" : "warn";
    return [{ action, reason: `包含${what}（规则：${rule.rule_name}）` }];
  });
  return hits.find(({ action }) => action === "block") ?? hits[0];
}

function concerns({ directory }: World, range: InterceptRange, memberId: string): boolean {
  const isNamed = range.user_list.some((id) => id.toLowerCase() === memberId.toLowerCase());
  if (isNamed) return true;
  const tree = range.department_list.flatMap((id) => directory.departmentTree(id));
  const own = directory.findMember(memberId)?.departmentIds ?? [];
  return tree.some(({ id }) => own.includes(id));
}

/** Plain comparison, as WeCom's: no spelling but the one given. */
function findWord({ word_list, extra_rule }: InterceptRule, text: string): string | undefined {
  const word = word_list.find((one) => text.includes(one));
  if (word !== undefined) return `敏感词「${word}」`;
  const kinds = new Set(extra_rule.semantics_list);
  if (kinds.has(1) && /(?<!\d)1[3-9]\d{9}(?!\d)/.test(text)) return "手机号";
  if (kinds.has(2) && /[\w.+-]+@[\w-]+(\.[\w-]+)+/.test(text)) return "邮箱";
  return undefined;
}

import { In } from "typeorm";
import type { EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import type { RuleDraft, RuleList, RuleView, TrialRequest, TrialView } from "#shared/contract/rule";
import type { RuleChanges } from "#shared/contract/rule-set";
import { compileRules } from "#shared/rules/compile";
import { asksForRemoval, conditionLimits } from "#shared/rules/condition";
import { ConditionError } from "#shared/rules/condition-problem";
import type { ConditionProblem } from "#shared/rules/condition-problem";
import { PatternError } from "#shared/rules/pattern-parse";
import { sounds } from "#shared/rules/sound-table";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { Members } from "../members/members.service.ts";
import { StoredRule } from "./rule.entity.ts";
import type { PublishedSet, RuleSet, RuleVersions } from "./rule-versions.ts";
import { byCategoryAndTitle, toRule, toView } from "./rule-view.ts";
import { compareSnapshots, isSameWording, toSnapshot } from "./snapshot.ts";
import { explainTrial } from "./trial.ts";
import type { Wordings } from "./wordings.ts";

/**
 * The working draft: one for the company, so that nobody publishes past a colleague's change without seeing it.
 * Nothing here is in force before it is published.
 */
export interface RuleDrafts {
  list(): Promise<RuleList>;
  create(draft: RuleDraft, by: string): Promise<RuleView>;
  /** The same with an id of the caller's, inside a transaction. */
  add(tx: EntityManager, id: string, draft: RuleDraft, by: string): Promise<void>;
  /** `revision` is the one that was edited; a newer one in the table is `edited_meanwhile`. */
  update(id: string, revision: number, draft: RuleDraft, by: string): Promise<RuleView>;
  /** The same inside a transaction. */
  change(
    tx: EntityManager,
    rule: { id: string; revision: number; definition: RuleDraft },
    by: string,
  ): Promise<void>;
  setEnabled(id: string, isEnabled: boolean, by: string): Promise<RuleView>;
  /** The same inside a transaction. */
  switch(tx: EntityManager, id: string, isEnabled: boolean, by: string): Promise<void>;
  /** As they are in the draft, by id. */
  find(manager: EntityManager, ids: readonly string[]): Promise<Map<string, DraftedRule>>;
  /** Out of the draft; a rule that is in force stays so until the draft is published. */
  remove(id: string, by: string): Promise<RuleList>;
  /** As it is published again; a new rule goes. All of them without an id. Throws `not_found`. */
  revert(id: string | null, by: string): Promise<RuleList>;
  changes(): Promise<RuleChanges>;
  /** The draft as it is now, kept under its hash. */
  freeze(tx: EntityManager): Promise<RuleSet>;
  trial(request: TrialRequest): Promise<TrialView>;
}

export type DraftedRule = Pick<StoredRule, "definition" | "isEnabled" | "revision">;

interface Deps {
  database: Database;
  clock: Clock;
  members: Pick<Members, "namesOf">;
  versions: RuleVersions;
  wordings: Wordings;
}

/** A row of the draft. */
type RuleRow = Pick<StoredRule, keyof StoredRule>;

const RECENT_MS = 7 * 24 * 3600_000;

export function createRuleDrafts(deps: Deps): RuleDrafts {
  const { database, clock, members, versions, wordings } = deps;

  async function countRecentHits(): Promise<Map<string, number>> {
    const rows = await database.read.query<{ rule_id: string; hits: string | number }[]>(
      "SELECT rule_id, COUNT(*) AS hits FROM hit WHERE sent_at_ms >= ? AND is_look_back = 0 GROUP BY rule_id",
      [clock.now() - RECENT_MS],
    );
    return new Map(rows.map((row) => [row.rule_id, Number(row.hits)]));
  }

  async function view(id: string): Promise<RuleView> {
    const { rules } = await drafts.list();
    const found = rules.find((rule) => rule.id === id);
    if (!found) throw new AppError("not_found");
    return found;
  }

  async function snapshotOf(manager: EntityManager) {
    const rows = await manager.find(StoredRule);
    return toSnapshot(rows.map(({ id, ...row }) => ({ ruleId: id, ...row })));
  }

  /** Rules of the published set as rows of the draft. */
  function asPublished(set: PublishedSet, id: string, by: string): RuleRow | null {
    const item = set.snapshot.find(({ ruleId }) => ruleId === id);
    if (!item) return null;
    const { revision, isEnabled } = item;
    const stamp = { updatedBy: by, updatedAtMs: clock.now() };
    return { id, definition: set.wordingOf(item), isEnabled, revision, ...stamp };
  }

  function record(tx: EntityManager, kind: string, id: string, by: string): void {
    recordEntry(tx, { kind, actorId: by, objectId: id, atMs: clock.now(), details: {} });
  }

  const drafts: RuleDrafts = {
    async list() {
      const [published, rows, hits] = await Promise.all([
        versions.current(),
        database.read.find(StoredRule),
        countRecentHits(),
      ]);
      const names = await members.namesOf(rows.map(({ updatedBy }) => updatedBy));
      const snapshot = toSnapshot(rows.map(({ id, ...row }) => ({ ruleId: id, ...row })));
      const kinds = new Map(
        compareSnapshots(published.snapshot, snapshot).map(({ ruleId, kind }) => [ruleId, kind]),
      );
      const removed = [...kinds].flatMap(([id, kind]) =>
        kind === "removed" ? (asPublished(published, id, "") ?? []) : [],
      );
      const views = [...rows, ...removed].map((row) =>
        toView(row, { hits, names, change: kinds.get(row.id) ?? null }),
      );
      return { version: published.version, rules: views.sort(byCategoryAndTitle) };
    },

    async create(definition, by) {
      refuseUncompilable(definition);
      const id = uuidv7();
      await database.write((tx) => drafts.add(tx, id, definition, by));
      return await view(id);
    },

    async add(tx, id, definition, by) {
      const updatedAtMs = clock.now();
      const wording = { ruleId: id, definition, by, atMs: updatedAtMs };
      const revision = await wordings.save(tx, wording);
      const stamp = { updatedBy: by, updatedAtMs };
      await tx.insert(StoredRule, { id, definition, isEnabled: true, revision, ...stamp });
    },

    async update(id, revision, definition, by) {
      refuseUncompilable(definition);
      await database.write((tx) => drafts.change(tx, { id, revision, definition }, by));
      return await view(id);
    },

    async change(tx, { id, revision, definition }, by) {
      const updatedAtMs = clock.now();
      const stamp = { updatedBy: by, updatedAtMs };
      const { affected } = await tx.update(StoredRule, { id, revision }, stamp);
      if (affected !== 1) {
        const isThere = await tx.existsBy(StoredRule, { id });
        throw new AppError(isThere ? "edited_meanwhile" : "not_found");
      }
      const published = asPublished(await versions.current(tx), id, by);
      // Written back to what is in force: then it is no change.
      const isBack = published && isSameWording(published.definition, definition);
      const next = isBack
        ? published.revision
        : await wordings.save(tx, { ruleId: id, definition, by, atMs: updatedAtMs });
      await tx.update(StoredRule, { id, revision }, { definition, revision: next });
    },

    async setEnabled(id, isEnabled, by) {
      await database.write((tx) => drafts.switch(tx, id, isEnabled, by));
      return await view(id);
    },

    async switch(tx, id, isEnabled, by) {
      const stamp = { updatedBy: by, updatedAtMs: clock.now() };
      const { affected } = await tx.update(StoredRule, { id }, { isEnabled, ...stamp });
      if (affected !== 1) throw new AppError("not_found");
      record(tx, isEnabled ? "rule.enabled" : "rule.disabled", id, by);
    },

    async find(manager, ids) {
      const rows = await manager.findBy(StoredRule, { id: In([...ids]) });
      return new Map(rows.map((row) => [row.id, row]));
    },

    async remove(id, by) {
      await database.write(async (tx) => {
        const { affected } = await tx.delete(StoredRule, { id });
        if (affected !== 1) throw new AppError("not_found");
        record(tx, "rule.removed", id, by);
      });
      return await drafts.list();
    },

    async revert(id, by) {
      await database.write(async (tx) => {
        const published = await versions.current(tx);
        const changes = compareSnapshots(published.snapshot, await snapshotOf(tx));
        const wanted = changes.filter(({ ruleId }) => id === null || ruleId === id);
        const isUnknown = id !== null && !(await tx.existsBy(StoredRule, { id }));
        if (wanted.length === 0 && isUnknown) throw new AppError("not_found");
        for (const { ruleId } of wanted) {
          const row = asPublished(published, ruleId, by);
          await tx.delete(StoredRule, { id: ruleId });
          if (row) await tx.insert(StoredRule, row);
          record(tx, "rule.reverted", ruleId, by);
        }
      });
      return await drafts.list();
    },

    async changes() {
      const published = await versions.current();
      const draft = await versions.open(database.read, await snapshotOf(database.read));
      const changes = versions.describeChanges(published, draft);
      return { version: published.version, hash: draft.hash, changes };
    },

    async freeze(tx) {
      return await versions.keep(tx, await snapshotOf(tx));
    },

    async trial(request) {
      if (request.draft) refuseUncompilable(request.draft);
      const rows = await database.read.findBy(StoredRule, { isEnabled: true });
      const others = rows.filter(({ id }) => id !== request.replacesRuleId).map(toRule);
      const draft = request.draft && { ...request.draft, id: "draft", revision: 0 };
      const tried = draft ? [...others, draft] : others;
      return explainTrial(compileRules(tried, { sounds }), request);
    },
  };
  return drafts;
}

const conditionProblems: Record<ConditionProblem, string> = {
  too_many: `条件太多，最多 ${conditionLimits.nodes} 项`,
  too_deep: `条件嵌套太深，最多 ${conditionLimits.depth} 层`,
  empty: "有一组条件是空的，请补上或删除",
  nested_window: "“连续几条消息”里不能再套“连续几条消息”",
  always: "这个条件对任何消息都成立，请加上要找的词或内容",
  nothing_said: "条件只限定了场合，没有说要找什么，请加上词、内容或消息类型",
  never: "这些条件互相矛盾，永远不会命中",
};

const neverWithAct =
  "删除好友不是一条消息，没有文字和内容，不能和词、号码、消息类型或群聊要求同时满足；请改用“任一满足”或分成两条规则";

/** What the engine would refuse must not be published: it would stop all checking. */
function refuseUncompilable(draft: RuleDraft): void {
  try {
    compileRules([{ ...draft, id: "draft", revision: 0 }]);
  } catch (error) {
    if (error instanceof PatternError) {
      const where = `第 ${error.position + 1} 个字符`;
      throw new AppError("invalid_request", { condition: `${where}：${error.message}` });
    }
    if (error instanceof ConditionError) {
      const isOfAct = error.problem === "never" && asksForRemoval(draft.condition);
      const problem = isOfAct ? neverWithAct : conditionProblems[error.problem];
      throw new AppError("invalid_request", { condition: problem });
    }
    if (!(error instanceof RangeError)) throw error;
    throw new AppError("invalid_request", { words: "词、例外或条件超过了规则引擎的上限" });
  }
}

/** The same as a sentence: why the engine would not take a rule. */
export function objectionTo(draft: RuleDraft): string | undefined {
  try {
    refuseUncompilable(draft);
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return Object.values(error.fields ?? {})[0] ?? error.message;
  }
}

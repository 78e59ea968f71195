import type { EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import { compileRules } from "#shared/rules/compile";
import { worstLevel } from "#shared/rules/scan";
import type { Finding } from "#shared/rules/scan";
import { PatternError } from "#shared/rules/pattern-parse";
import { ruleLimits } from "#shared/rules/rule";
import type { MessageSpeaker, Rule, RuleLevel } from "#shared/rules/rule";
import { sounds } from "#shared/rules/sound-table";
import { starterRules } from "#shared/rules/starter-rules";
import type {
  FindingView,
  RuleDraft,
  RuleList,
  RuleView,
  TrialRequest,
  TrialView,
} from "#shared/contract/rule";
import type { SidebarRules } from "#shared/contract/sidebar";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { insertNew } from "../../platform/database/insert-new.ts";
import type { LiveEvents } from "../../platform/events/live-events.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { fingerprint, recordEntry } from "../../platform/ledger/ledger.ts";
import type { Logger } from "../../platform/log.ts";
import type { Members } from "../members/members.service.ts";
import { guardRules } from "./guarded-rules.ts";
import type { GuardedRules } from "./guarded-rules.ts";
import { RuleRevision, RuleSetVersion, StoredRule } from "./rule.entity.ts";
import { byCategoryAndTitle, SYSTEM, toDraft, toRule, toView, withoutWords } from "./rule-view.ts";
import { explainTrial } from "./trial.ts";

/** The enabled rules of one version, ready to be looked for. */
export interface PublishedRules extends GuardedRules {
  version: number;
}

export interface Rules {
  /** The rules in force now; asks the database whether another process has changed them. */
  current(): Promise<PublishedRules>;
  list(): Promise<RuleList>;
  create(draft: RuleDraft, by: string): Promise<RuleView>;
  /** `revision` is the one that was edited; a newer one in the table is `edited_meanwhile`. */
  update(id: string, revision: number, draft: RuleDraft, by: string): Promise<RuleView>;
  setEnabled(id: string, isEnabled: boolean, by: string): Promise<RuleView>;
  trial(request: TrialRequest): Promise<TrialView>;
  /** What a salesperson's browser may know. */
  publicRules(): Promise<SidebarRules>;
  /** Checks a draft with all rules; a confidential rule shows that it objects, not its words. */
  check(
    text: string,
    speaker: MessageSpeaker,
  ): Promise<{ level: RuleLevel | null; findings: FindingView[] }>;
  /** Rules whose words and hits a salesperson must not see. */
  confidentialIds(): Promise<Set<string>>;
  /** Adds the texts of the rules as they were when the hits happened. */
  describe(findings: readonly Finding[]): Promise<FindingView[]>;
  /** Puts the starter rules in place when there are no rules at all. */
  seed(): Promise<void>;
}

interface Deps {
  database: Database;
  events: LiveEvents;
  clock: Clock;
  members: Pick<Members, "namesOf">;
  log: Logger;
  /** A rule that made the engine fail has been switched off. */
  onRuleFailed: (tx: EntityManager, ruleId: string) => Promise<void>;
}

const RULE_SET_ID = "published";
const RECENT_MS = 7 * 24 * 3600_000;

export function createRules(deps: Deps): Rules {
  const { database, events, clock, members, log } = deps;
  let published: PublishedRules | undefined;
  const definitions = new Map<string, RuleDraft>();

  async function readVersion(manager: EntityManager): Promise<number> {
    return (await manager.findOneBy(RuleSetVersion, { id: RULE_SET_ID }))?.version ?? 0;
  }

  async function current(): Promise<PublishedRules> {
    const version = await readVersion(database.read);
    if (published?.version === version) return published;
    const rows = await database.read.findBy(StoredRule, { isEnabled: true });
    const guarded = guardRules(rows.map(toRule), (failed, error) => {
      log.error(
        { ruleIds: failed.map(({ id }) => id), err: error },
        "rules fail and are switched off",
      );
      void switchOff(failed).catch((cause: unknown) => log.error({ err: cause }, "they stay on"));
    });
    published = { version, ...guarded };
    return published;
  }

  /** Of several processes that see a rule fail one switches it off and tells of it. */
  async function switchOff(failed: readonly Rule[]): Promise<void> {
    for (const { id, revision } of failed) {
      await database.write(async (tx) => {
        const { affected } = await tx.update(
          StoredRule,
          { id, revision, isEnabled: true },
          { isEnabled: false, updatedBy: SYSTEM, updatedAtMs: clock.now() },
        );
        if (affected !== 1) return;
        recordSwitch(tx, id, SYSTEM, "rule.failed");
        await publishChange(tx);
        await deps.onRuleFailed(tx, id);
      });
    }
  }

  function recordSwitch(tx: EntityManager, id: string, by: string, kind: string): void {
    recordEntry(tx, { kind, actorId: by, objectId: id, atMs: clock.now(), details: {} });
  }

  /**
   * Every change passes here, so that no process goes on with rules that are no longer in force. More words
   * than the engine takes are refused: published, they would stop all checking.
   */
  async function publishChange(tx: EntityManager): Promise<void> {
    const enabled = await tx.findBy(StoredRule, { isEnabled: true });
    const words = enabled.reduce((sum, { definition }) => sum + definition.words.length, 0);
    if (words > ruleLimits.words) {
      throw new AppError("invalid_request", {
        words: `所有规则合计 ${words} 个词，最多 ${ruleLimits.words} 个`,
      });
    }
    await insertNew(tx, "rule_set", "id", [{ id: RULE_SET_ID, version: 0 }]);
    await tx.increment(RuleSetVersion, { id: RULE_SET_ID }, "version", 1);
    await events.publish(tx, "rules", { version: await readVersion(tx) });
  }

  async function saveNew(tx: EntityManager, id: string, draft: RuleDraft, by: string) {
    await tx.insert(StoredRule, {
      id,
      definition: draft,
      isEnabled: true,
      revision: 1,
      updatedBy: by,
      updatedAtMs: clock.now(),
    });
    await saveRevision(tx, { ruleId: id, revision: 1, definition: draft }, by);
  }

  /** Each wording goes on record, so that what a message was judged by cannot be changed afterwards. */
  async function saveRevision(
    tx: EntityManager,
    one: Pick<RuleRevision, keyof RuleRevision>,
    by: string,
  ): Promise<void> {
    const { ruleId, revision, definition } = one;
    await tx.insert(RuleRevision, one);
    recordEntry(tx, {
      kind: "rule.written",
      actorId: by,
      objectId: ruleId,
      atMs: clock.now(),
      details: { revision, definition: fingerprint(JSON.stringify(definition)) },
    });
  }

  async function countRecentHits(): Promise<Map<string, number>> {
    const rows = await database.read.query<{ rule_id: string; hits: string | number }[]>(
      "SELECT rule_id, COUNT(*) AS hits FROM hit WHERE sent_at_ms >= ? GROUP BY rule_id",
      [clock.now() - RECENT_MS],
    );
    return new Map(rows.map((row) => [row.rule_id, Number(row.hits)]));
  }

  async function view(id: string): Promise<RuleView> {
    const row = await database.read.findOneBy(StoredRule, { id });
    if (!row) throw new AppError("not_found");
    const names = await members.namesOf([row.updatedBy]);
    return toView(row, await countRecentHits(), names);
  }

  async function definitionOf(ruleId: string, revision: number): Promise<RuleDraft | undefined> {
    const key = `${ruleId}@${revision}`;
    const known = definitions.get(key);
    if (known) return known;
    const row = await database.read.findOneBy(RuleRevision, { ruleId, revision });
    if (row) definitions.set(key, row.definition);
    return row?.definition;
  }

  const rules: Rules = {
    current,

    async list() {
      const [version, rows, hits] = await Promise.all([
        readVersion(database.read),
        database.read.find(StoredRule),
        countRecentHits(),
      ]);
      const names = await members.namesOf(rows.map(({ updatedBy }) => updatedBy));
      const views = rows.map((row) => toView(row, hits, names));
      return { version, rules: views.sort(byCategoryAndTitle) };
    },

    async create(draft, by) {
      refuseUncompilable(draft);
      const id = uuidv7();
      await database.write(async (tx) => {
        await saveNew(tx, id, draft, by);
        await publishChange(tx);
      });
      return await view(id);
    },

    async update(id, revision, draft, by) {
      refuseUncompilable(draft);
      await database.write(async (tx) => {
        const change = { definition: draft, revision: revision + 1, updatedBy: by };
        const { affected } = await tx.update(
          StoredRule,
          { id, revision },
          { ...change, updatedAtMs: clock.now() },
        );
        if (affected !== 1) {
          throw new AppError(
            (await tx.existsBy(StoredRule, { id })) ? "edited_meanwhile" : "not_found",
          );
        }
        await saveRevision(tx, { ruleId: id, revision: revision + 1, definition: draft }, by);
        await publishChange(tx);
      });
      return await view(id);
    },

    async setEnabled(id, isEnabled, by) {
      await database.write(async (tx) => {
        const { affected } = await tx.update(
          StoredRule,
          { id },
          { isEnabled, updatedBy: by, updatedAtMs: clock.now() },
        );
        if (affected !== 1) throw new AppError("not_found");
        recordSwitch(tx, id, by, isEnabled ? "rule.enabled" : "rule.disabled");
        await publishChange(tx);
      });
      return await view(id);
    },

    async trial(request) {
      if (request.draft) refuseUncompilable(request.draft);
      const rows = await database.read.findBy(StoredRule, { isEnabled: true });
      const others = rows.filter(({ id }) => id !== request.replacesRuleId).map(toRule);
      const draft = request.draft && { ...request.draft, id: "draft", revision: 0 };
      const tried = draft ? [...others, draft] : others;
      return explainTrial(compileRules(tried, { sounds }), request);
    },

    async publicRules() {
      const version = await readVersion(database.read);
      const rows = await database.read.findBy(StoredRule, { isEnabled: true });
      const open = rows.filter(({ definition }) => !definition.isConfidential);
      return {
        version,
        rules: open.map((row) => ({ ...row.definition, id: row.id, revision: row.revision })),
      };
    },

    async check(text, speaker) {
      const findings = (await current()).scan(text, { speaker });
      const described = await rules.describe(findings);
      const hidden = await rules.confidentialIds();
      return {
        level: worstLevel(findings) ?? null,
        findings: described.map((finding) =>
          hidden.has(finding.ruleId) ? withoutWords(finding) : finding,
        ),
      };
    },

    async confidentialIds() {
      const rows = await database.read.find(StoredRule);
      return new Set(rows.filter((row) => row.definition.isConfidential).map(({ id }) => id));
    },

    async describe(findings) {
      return await Promise.all(
        findings.map(async ({ ruleId, ruleRevision, level, spans }) => {
          const definition = await definitionOf(ruleId, ruleRevision);
          return {
            ruleId,
            ruleRevision,
            level,
            spans,
            title: definition?.title ?? "",
            category: definition?.category ?? "",
            clause: definition?.clause ?? "",
            reason: definition?.reason ?? "",
            suggestion: definition?.suggestion ?? "",
          };
        }),
      );
    },

    async seed() {
      await database.write(async (tx) => {
        // Its row is the lock: of two processes that start at once the second waits here for the first.
        await insertNew(tx, "rule_set", "id", [{ id: RULE_SET_ID, version: 0 }]);
        if (await tx.exists(StoredRule)) return;
        for (const rule of starterRules) await saveNew(tx, rule.id, toDraft(rule), SYSTEM);
        await publishChange(tx);
      });
    },
  };
  return rules;
}

/** What the engine would refuse must not be published: it would stop all checking. */
function refuseUncompilable(draft: RuleDraft): void {
  try {
    compileRules([{ ...draft, id: "draft", revision: 0 }]);
  } catch (error) {
    if (error instanceof PatternError) {
      const where = `第 ${error.position + 1} 个字符`;
      throw new AppError("invalid_request", { condition: `${where}：${error.message}` });
    }
    if (!(error instanceof RangeError)) throw error;
    throw new AppError("invalid_request", { words: "词、例外或条件超过了规则引擎的上限" });
  }
}

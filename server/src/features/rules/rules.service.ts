import { In, Not } from "typeorm";
import type { EntityManager } from "typeorm";
import type { FindingView, RuleDraft } from "#shared/contract/rule";
import type { MessageSpeaker, Rule, RuleLevel } from "#shared/rules/rule";
import { worstLevel } from "#shared/rules/scan";
import type { Finding } from "#shared/rules/scan";
import { starterRules } from "#shared/rules/starter-rules";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { insertNew } from "../../platform/database/insert-new.ts";
import type { LiveEvents } from "../../platform/events/live-events.ts";
import type { Logger } from "../../platform/log.ts";
import type { Members } from "../members/members.service.ts";
import { placeExplanation } from "#shared/hit-explanation";
import type { KeptExplanation, PlacedExplanation } from "#shared/hit-explanation";
import { buildDraftFile } from "./draft-file.ts";
import type { DraftFile } from "./draft-file.ts";
import { guardRules } from "./guarded-rules.ts";
import type { GuardedRules } from "./guarded-rules.ts";
import { createRuleDrafts } from "./rule-draft.service.ts";
import type { RuleDrafts } from "./rule-draft.service.ts";
import { RuleRevision, RuleVersion, StoredRule } from "./rule.entity.ts";
import { createRuleVersions, rulesOf } from "./rule-versions.ts";
import type { PublishedSet, RuleVersions } from "./rule-versions.ts";
import { SYSTEM, toDraft, withoutWords } from "./rule-view.ts";
import { createWordings, wordingKey } from "./wordings.ts";

/** The enabled rules of one version, ready to be looked for. */
export interface PublishedRules extends GuardedRules {
  version: number;
}

/** A finding with what was kept of how it came about. */
export type ExplainedFinding = Finding & { explained?: KeptExplanation };
export type DescribedFinding = FindingView & { explained?: PlacedExplanation };

/** The rules in force. */
export interface Rules {
  /** Asks the database whether another process has published something newer. */
  current(): Promise<PublishedRules>;
  /** The rules in force as they are written, confidential ones included: for the server alone. */
  listEnabled(): Promise<(RuleDraft & Rule)[]>;
  /** What a salesperson's browser may know, compiled. */
  draftFile(): Promise<DraftFile & { version: number }>;
  /** Checks a draft with all rules; a confidential rule shows that it objects, not its words. */
  check(
    text: string,
    speaker: MessageSpeaker,
  ): Promise<{ level: RuleLevel | null; findings: FindingView[] }>;
  /** Rules whose words and hits a salesperson must not see. */
  confidentialIds(): Promise<Set<string>>;
  /** Adds the texts of the rules as they were when the hits happened, and to what was kept of how that came about. */
  describe(findings: readonly ExplainedFinding[]): Promise<DescribedFinding[]>;
  /** Publishes the starter rules when there are no rules at all. */
  seed(): Promise<void>;
  /** Where the next version is written. */
  readonly drafts: RuleDrafts;
  readonly versions: RuleVersions;
}

interface Deps {
  database: Database;
  events: LiveEvents;
  clock: Clock;
  members: Pick<Members, "namesOf">;
  log: Logger;
  /** A rule that made the engine fail has been switched off. */
  onRuleFailed: (tx: EntityManager, ruleId: string) => Promise<void>;
  /** Other rules are in force from this transaction on. */
  onPublished: (tx: EntityManager) => Promise<void>;
}

/** One version, opened and compiled. */
interface InForce {
  set: PublishedSet;
  rules: PublishedRules;
  /** Built when the first sidebar asks for it. */
  draftFile?: DraftFile;
}

export function createRules(deps: Deps): Rules {
  const { database, clock, log } = deps;
  const wordings = createWordings();
  const versions = createRuleVersions({ ...deps, wordings });
  let inForce: InForce | undefined;

  async function getInForce(): Promise<InForce> {
    const version = await versions.currentNumber();
    if (inForce?.rules.version === version) return inForce;
    const set = await versions.current();
    const guarded = guardRules(rulesOf(set), (failed, error) => {
      log.error(
        { ruleIds: failed.map(({ id }) => id), err: error },
        "rules fail and are switched off",
      );
      void switchOff(failed).catch((cause: unknown) => log.error({ err: cause }, "they stay on"));
    });
    inForce = { set, rules: { version: set.version, ...guarded } };
    return inForce;
  }

  /**
   * A version of its own, at once and without a second person: a rule that fails finds nothing anyway. Of several
   * processes that see it fail one does this.
   */
  async function switchOff(failed: readonly Rule[]): Promise<void> {
    for (const { id, revision } of failed) {
      await database.write(async (tx) => {
        const set = await versions.current(tx);
        const isFailing = (item: { ruleId: string; revision: number; isEnabled: boolean }) =>
          item.ruleId === id && item.revision === revision && item.isEnabled;
        if (!set.snapshot.some(isFailing)) return;
        const rest = set.snapshot.map((item) =>
          isFailing(item) ? { ...item, isEnabled: false } : item,
        );
        await versions.publish(
          tx,
          await versions.keep(tx, rest),
          { kind: "guarded", requestedBy: SYSTEM, publishedBy: SYSTEM },
          set.version,
        );
        const stamp = { updatedBy: SYSTEM, updatedAtMs: clock.now() };
        await tx.update(StoredRule, { id, revision }, { isEnabled: false, ...stamp });
        await deps.onRuleFailed(tx, id);
      });
    }
  }

  const rules: Rules = {
    versions,
    drafts: createRuleDrafts({ ...deps, versions, wordings }),

    async current() {
      return (await getInForce()).rules;
    },

    async listEnabled() {
      return rulesOf((await getInForce()).set);
    },

    async draftFile() {
      const now = await getInForce();
      const { version } = now.set;
      now.draftFile ??= buildDraftFile(version, now.rules.inUse());
      return { version, ...now.draftFile };
    },

    async check(text, speaker) {
      const findings = (await rules.current()).scan(text, { speaker });
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
      const { set } = await getInForce();
      const published = set.snapshot.filter((item) => set.wordingOf(item).isConfidential);
      const ids = new Set(published.map(({ ruleId }) => ruleId));
      // Of rules that are gone, the newest wording says it.
      const gone = await database.read.find(RuleRevision, {
        where: { ruleId: Not(In(set.snapshot.map(({ ruleId }) => ruleId))) },
        order: { revision: "ASC" },
      });
      for (const { ruleId, definition } of gone) {
        if (definition.isConfidential) ids.add(ruleId);
        else ids.delete(ruleId);
      }
      return ids;
    },

    async describe(findings) {
      const items = findings.map(({ ruleId, ruleRevision: revision }) => ({ ruleId, revision }));
      const known = await wordings.find(database.read, items);
      return findings.map(({ ruleId, ruleRevision, level, spans, elsewhere, explained }) => {
        const definition = known.get(wordingKey({ ruleId, revision: ruleRevision }));
        const found = [...spans, ...(elsewhere ?? [])];
        return {
          ruleId,
          ruleRevision,
          level,
          spans,
          ...(elsewhere && { elsewhere }),
          title: definition?.title ?? "",
          category: definition?.category ?? "",
          clause: definition?.clause ?? "",
          reason: definition?.reason ?? "",
          suggestion: definition?.suggestion ?? "",
          ...(definition &&
            explained && { explained: placeExplanation(definition, explained, found) }),
        };
      });
    },

    async seed() {
      await database.write(async (tx) => {
        // Its row is the lock: of two processes that start at once the second waits here for the first.
        await insertNew(tx, "rule_set", "id", [{ id: "published", version: 0 }]);
        if (await tx.exists(RuleVersion)) return;
        // Rules from before there were versions are published as they are.
        if (!(await tx.exists(StoredRule))) {
          for (const rule of starterRules)
            await rules.drafts.add(tx, rule.id, toDraft(rule), SYSTEM);
        }
        const set = await rules.drafts.freeze(tx);
        const version = { kind: "starter", requestedBy: SYSTEM, publishedBy: SYSTEM } as const;
        await versions.publish(tx, set, version);
      });
    },
  };
  return rules;
}

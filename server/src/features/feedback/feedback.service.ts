import type { EntityManager } from "typeorm";
import type { RuleDraft } from "#shared/contract/rule";
import type { RuleEffect, RuleEffects, SuggestionView } from "#shared/contract/rule-feedback";
import { asksForRemoval } from "#shared/rules/condition";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { canonicalJson } from "../../platform/ledger/canonical-json.ts";
import { fingerprint } from "../../platform/ledger/ledger.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { Access } from "../access/access.service.ts";
import type { ArchiveReader } from "../archive/reader.service.ts";
import type { DecidedHit, HitDecisions } from "../cases/decided-hits.ts";
import type { Members } from "../members/members.service.ts";
import type { Rules } from "../rules/rules.service.ts";
import type { PublishedSet } from "../rules/rule-versions.ts";
import { applyChange } from "./apply-change.ts";
import { findsTheSame, tallyOf, tallyWords } from "./rule-evidence.ts";
import { suggest } from "./suggest.ts";
import type { Suggestion } from "./suggest.ts";
import { createSuggestionDecisions } from "./suggestion-decisions.ts";

/** What reviewers' decisions say of the rules, and what people make of that. */
export interface Feedback {
  /** Figures are the company's and name nobody; whatever shows what was said is within the asker's reach. */
  view(memberId: string, days: number): Promise<RuleEffects>;
  /** Changes the working draft. Throws `edited_meanwhile` when there is no such suggestion any more. */
  accept(memberId: string, days: number, id: string): Promise<RuleEffects>;
  dismiss(memberId: string, days: number, id: string, reason: string): Promise<RuleEffects>;
}

interface Deps {
  database: Database;
  vault: Vault;
  clock: Clock;
  access: Pick<Access, "membersWithin" | "standingOf">;
  members: Pick<Members, "namesOf">;
  decisions: HitDecisions;
  reader: Pick<ArchiveReader, "openMessages" | "hasReceived">;
  rules: Pick<Rules, "drafts" | "versions">;
  maskNumbers(text: string): string;
}

/** A rule in force with what was decided of it. */
interface Judged {
  effect: Omit<RuleEffect, "suggestions">;
  suggestions: (Suggestion & { id: string })[];
}

const DAY_MS = 24 * 3600_000;
/** That a rule found nothing says something only when so many messages could have been found. */
const MUCH_SAID = 1000;
/** Messages opened to look for phrases: the newest. */
const MOST_TEXTS = 2000;
const CASES_SHOWN = 10;

export function createFeedback(deps: Deps): Feedback {
  const { database, clock, access, members, decisions, reader, rules } = deps;
  const past = createSuggestionDecisions(deps);

  async function withinReach(memberId: string): Promise<ReadonlySet<string>> {
    const { permissions } = await access.standingOf(memberId);
    if (!permissions.has("case.read")) return new Set();
    return new Set(await access.membersWithin(memberId, "case.read"));
  }

  async function openTexts(hits: readonly DecidedHit[]): Promise<Map<number, string>> {
    const said = hits.flatMap(({ messageSeq }) => messageSeq ?? []);
    const seqs = [...new Set(said)].slice(0, MOST_TEXTS);
    const messages = await reader.openMessages(seqs);
    return new Map(messages.map(({ seq, text }) => [seq, deps.maskNumbers(text)]));
  }

  /** Of each rule its wordings in which it was found, with what they say. */
  async function wordingsOf(items: readonly { ruleId: string; ruleRevision: number }[]) {
    const keys = new Map(
      items.map(({ ruleId, ruleRevision: revision }) => [
        `${ruleId}@${revision}`,
        { ruleId, revision, isEnabled: true },
      ]),
    );
    return await rules.versions.open(database.read, [...keys.values()]);
  }

  /** Rules that were looked for all the time as they are now. */
  function unchangedIn(sets: readonly PublishedSet[]): Set<string> {
    const now = sets.at(-1);
    const same = (now?.snapshot ?? []).filter(({ ruleId, revision, isEnabled }) => {
      const definition = now?.wordingOf({ ruleId, revision });
      if (!isEnabled || !definition) return false;
      return sets.every((set) => {
        const then = set.snapshot.find((item) => item.ruleId === ruleId);
        return then?.isEnabled === true && findsTheSame(set.wordingOf(then), definition);
      });
    });
    return new Set(same.map(({ ruleId }) => ruleId));
  }

  async function judge(days: number, reach: ReadonlySet<string>) {
    const sinceMs = clock.now() - days * DAY_MS;
    const [found, counts, sets, isMuchSaid] = await Promise.all([
      decisions.since(sinceMs),
      decisions.countHits(sinceMs),
      rules.versions.inForceSince(sinceMs),
      reader.hasReceived(sinceMs, MUCH_SAID),
    ]);
    const current = sets.at(-1) ?? (await rules.versions.current());
    const [wordings, texts, drafted, dismissed] = await Promise.all([
      wordingsOf([...found.hits, ...counts]),
      openTexts(found.hits.filter((hit) => reach.has(hit.memberId))),
      rules.drafts.find(
        database.read,
        current.snapshot.map(({ ruleId }) => ruleId),
      ),
      past.dismissedIds(),
    ]);
    const unchanged = unchangedIn(sets);
    const hitsOf = byRule(found.hits);
    const countsOf = byRule(counts);

    const judgeRule = (ruleId: string, revision: number): Judged => {
      const definition = current.wordingOf({ ruleId, revision });
      const isSame = (one: { ruleRevision: number }): boolean =>
        findsTheSame(wordings.wordingOf({ ruleId, revision: one.ruleRevision }), definition);
      const all = hitsOf.get(ruleId) ?? [];
      const hits = all.filter(isSame);
      const total = (countsOf.get(ruleId) ?? [])
        .filter(isSame)
        .reduce((sum, one) => sum + one.hits, 0);
      // However much is said, that says nothing of how often somebody is deleted.
      const isOfWords = !asksForRemoval(definition.condition);
      const isSilent = total === 0 && isMuchSaid && isOfWords && unchanged.has(ruleId);
      const draft = drafted.get(ruleId);
      const suggestions = suggest({ definition, hits, texts, isSilent })
        .map((one) => ({ ...one, id: idOf(ruleId, definition, one) }))
        .filter(({ id, change }) => !dismissed.has(id) && draft && applyChange(draft, change));
      return {
        effect: {
          ...namesOf(ruleId, definition),
          ...tallyOf(hits),
          hits: total,
          earlier: all.length - hits.length,
          words: tallyWords(definition, hits),
        },
        suggestions: draft?.isEnabled === true ? suggestions : [],
      };
    };
    const judged = current.snapshot
      .filter(({ isEnabled }) => isEnabled)
      .map(({ ruleId, revision }) => judgeRule(ruleId, revision))
      .sort(bySuggestions);
    return { sinceMs, version: current.version, found, judged };
  }

  /** The suggestion as it stands now, for somebody who may see it. */
  async function getSuggestion(memberId: string, days: number, id: string) {
    const { judged } = await judge(days, await withinReach(memberId));
    for (const { effect, suggestions } of judged) {
      const suggestion = suggestions.find((one) => one.id === id);
      if (suggestion) return { ruleId: effect.ruleId, change: suggestion.change };
    }
    throw new AppError("edited_meanwhile");
  }

  async function changeDraft(
    tx: EntityManager,
    { ruleId, change }: Awaited<ReturnType<typeof getSuggestion>>,
    by: string,
  ): Promise<void> {
    const draft = (await rules.drafts.find(tx, [ruleId])).get(ruleId);
    const next = draft && applyChange(draft, change);
    if (!next) throw new AppError("edited_meanwhile");
    if (next.isEnabled !== draft.isEnabled)
      await rules.drafts.switch(tx, ruleId, next.isEnabled, by);
    else {
      const { revision } = draft;
      await rules.drafts.change(tx, { id: ruleId, revision, definition: next.definition }, by);
    }
  }

  const feedback: Feedback = {
    async view(memberId, days) {
      const reach = await withinReach(memberId);
      const { sinceMs, version, found, judged } = await judge(days, reach);
      const decided = await past.list();
      const names = await members.namesOf(decided.map(({ decidedBy }) => decidedBy));
      const titles = await rules.drafts.find(
        database.read,
        decided.map(({ ruleId }) => ruleId),
      );
      return {
        version,
        sinceMs,
        decided: found.cases,
        isCut: found.isCut,
        rules: judged.map(({ effect, suggestions }) => ({
          ...effect,
          suggestions: suggestions.map((one) => present(one, reach)),
        })),
        past: decided.map(({ ruleId, ...one }) => ({
          ...one,
          title: titles.get(ruleId)?.definition.title ?? ruleId,
          decidedBy: names.get(one.decidedBy) ?? one.decidedBy,
        })),
      };
    },

    async accept(memberId, days, id) {
      const suggestion = await getSuggestion(memberId, days, id);
      await database.write(async (tx) => {
        await changeDraft(tx, suggestion, memberId);
        const decision = { id, ...suggestion, outcome: "accepted", reason: "" } as const;
        await past.keep(tx, { ...decision, by: memberId });
      });
      return await feedback.view(memberId, days);
    },

    async dismiss(memberId, days, id, reason) {
      const suggestion = await getSuggestion(memberId, days, id);
      const decision = { id, ...suggestion, outcome: "dismissed", reason } as const;
      await database.write((tx) => past.keep(tx, { ...decision, by: memberId }));
      return await feedback.view(memberId, days);
    },
  };
  return feedback;
}

function byRule<T extends { ruleId: string }>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.ruleId);
    if (group) group.push(item);
    else groups.set(item.ruleId, [item]);
  }
  return groups;
}

/** The same suggestion on the same finding of the same rule; after another wording it may come again. */
function idOf(
  ruleId: string,
  { words, exceptions, level }: RuleDraft,
  { change }: Suggestion,
): string {
  return fingerprint(canonicalJson({ ruleId, words, exceptions, level, change: { ...change } }));
}

function namesOf(ruleId: string, { title, category, level, isConfidential }: RuleDraft) {
  return { ruleId, title, category, level, isConfidential };
}

function present(
  { id, change, evidence }: Suggestion & { id: string },
  reach: ReadonlySet<string>,
): SuggestionView {
  const cases = new Map(evidence.map((hit) => [hit.caseId, hit]));
  const readable = [...cases.values()].filter(({ memberId }) => reach.has(memberId));
  const { handled, falseAlarms } = tallyOf(evidence);
  return {
    id,
    change,
    handled,
    falseAlarms,
    cases: readable
      .slice(0, CASES_SHOWN)
      .map(({ caseId, decision, sentAtMs }) => ({ id: caseId, decision, sentAtMs })),
    beyondReach: cases.size - readable.length,
  };
}

function bySuggestions(a: Judged, b: Judged): number {
  const decided = ({ effect }: Judged): number => effect.handled + effect.falseAlarms;
  return (
    Number(b.suggestions.length > 0) - Number(a.suggestions.length > 0) ||
    decided(b) - decided(a) ||
    b.effect.hits - a.effect.hits ||
    a.effect.title.localeCompare(b.effect.title, "zh")
  );
}

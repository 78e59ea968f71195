import type { WorkingCalendar } from "#shared/working-calendar";
import type { EntityManager } from "typeorm";
import { createHistoryScan } from "../features/archive/history-scan.ts";
import type { Conversations } from "../features/archive/conversations.service.ts";
import type { ArchiveReader } from "../features/archive/reader.service.ts";
import type { SearchThreads } from "../features/archive/search-threads.ts";
import { hitParts, shownText } from "../features/cases/hit-parts.ts";
import { createLookBackHits } from "../features/cases/look-back.ts";
import { maskedQuote, nameOther } from "../features/cases/quote.ts";
import type { Allowance } from "../features/reading/allowance.ts";
import type { Readings } from "../features/reading/readings.service.ts";
import type { ReadingScopes } from "../features/reading/reading-scope.ts";
import { createScanStep } from "../features/rule-scans/rule-scan-step.ts";
import { enqueueScanStep, registerRuleScanJobs } from "../features/rule-scans/rule-scans.jobs.ts";
import { addRuleScanRoutes } from "../features/rule-scans/rule-scans.routes.ts";
import { createRuleScans } from "../features/rule-scans/rule-scans.service.ts";
import type { RuleScans } from "../features/rule-scans/rule-scans.service.ts";
import { createSamples } from "../features/rule-scans/samples.service.ts";
import { createScanRules } from "../features/rule-scans/scan-rules.ts";
import { createScanViews } from "../features/rule-scans/scan-views.ts";
import { rulesOf } from "../features/rules/rule-versions.ts";
import type { Rules } from "../features/rules/rules.service.ts";
import type { ApiRoutes } from "../features/sign-in/actor.ts";
import type { Ground } from "./ground.ts";
import type { People } from "./people.ts";

export interface RuleScansDeps {
  threads: Pick<SearchThreads, "scanRules" | "count" | "list" | "portions">;
  rules: Rules;
  reader: ArchiveReader;
  conversations: Conversations;
  calendar: () => Promise<WorkingCalendar>;
  readings: Pick<Readings, "start">;
  scopes: Pick<ReadingScopes, "mayRead">;
  allowance: Pick<Allowance, "admit">;
  /** To whom a case of this member would go. */
  managersOf: (memberId: string) => Promise<readonly string[]>;
  /** How long a stretch of a scan takes; tests take less. */
  budgetMs?: number;
  portionSize?: number;
}

export interface RuleScansPart {
  scans: RuleScans;
  addRoutes(routes: ApiRoutes): void;
  registerJobs(): void;
}

const QUOTE_UNITS = 120;

/** Rules on what was said: trying a draft, and looking back with what was published. */
export function composeRuleScans(
  ground: Pick<Ground, "database" | "vault" | "jobs" | "clock">,
  deps: RuleScansDeps & Pick<People, "members" | "access" | "customers">,
): RuleScansPart {
  const { jobs } = ground;
  const { rules, members, access, customers } = deps;
  const { drafts, versions } = rules;
  const history = createHistoryScan({ ...ground, ...deps });
  const scanRules = createScanRules({ versions, rulesOf });
  const views = createScanViews({ ...ground, access, members, drafts, versions });
  const common = { ...ground, ...deps, drafts, versions, history, scanRules, views };
  const enqueueStep = (tx: EntityManager, job: { id: string; step: number }): Promise<void> =>
    enqueueScanStep(jobs, tx, job);
  const scans = createRuleScans({ ...common, enqueueStep });
  const samples = createSamples({
    ...common,
    async quote(message, findings, others) {
      const { memberId, customerId } = message;
      const names = await members.namesOf(memberId === null ? [] : [memberId]);
      const customerName = customerId === null ? null : await customers.nameOf(customerId);
      const quoted = maskedQuote(shownText(message), findings, QUOTE_UNITS);
      return {
        quote: quoted.quote,
        findings: quoted.findings,
        parts: hitParts(findings, others, { limit: QUOTE_UNITS, isMasked: true }),
        memberName: memberId === null ? "" : (names.get(memberId) ?? memberId),
        otherName: nameOther(message, customerName),
      };
    },
  });
  const step = createScanStep({
    ...common,
    lookBackHits: createLookBackHits(ground),
    enqueueStep,
  });
  return {
    scans,
    addRoutes: (routes) => addRuleScanRoutes(routes, { scans, samples }),
    registerJobs: () => registerRuleScanJobs({ jobs, step }),
  };
}

import type { Config } from "../config.ts";
import {
  enqueueFailedRule,
  enqueueTellRestored,
  registerRuleJobs,
} from "../features/rules/rules.jobs.ts";
import { createRuleFiles } from "../features/rules/rule-import.service.ts";
import { createRuleProposals } from "../features/rules/rule-proposals.ts";
import { addRuleFileRoutes, addRuleRoutes } from "../features/rules/rules.routes.ts";
import { createRules } from "../features/rules/rules.service.ts";
import type { Rules } from "../features/rules/rules.service.ts";
import type { ApiRoutes } from "../features/sign-in/actor.ts";
import type { AppMessages } from "../wecom/app-messages.ts";
import type { WecomClient } from "../wecom/wecom-client.ts";
import type { Ground } from "./ground.ts";
import { composeInterception, tellOfPublished } from "./interception.ts";
import type { InterceptionPart } from "./interception.ts";
import type { People } from "./people.ts";

export interface RulesPart {
  rules: Rules;
  interception: Pick<InterceptionPart, "standing">;
  addRoutes(routes: ApiRoutes): void;
  registerJobs(): void;
}

/** What the company says to what is said: the draft, what is published, and WeCom's own interception of it. */
export function composeRules(
  config: Config,
  ground: Ground,
  deps: Pick<People, "members" | "access" | "approvals"> & {
    client: WecomClient;
    messages: AppMessages;
  },
): RulesPart {
  const { jobs } = ground;
  const { members, access, approvals, messages } = deps;
  const rules = createRules({
    ...ground,
    members,
    onRuleFailed: (tx, ruleId) => enqueueFailedRule(jobs, tx, ruleId),
    onPublished: tellOfPublished(ground),
  });
  const interception = composeInterception(config, ground, { ...deps, rules });
  const proposals = createRuleProposals({
    ...ground,
    ...rules,
    approvals,
    onRestored: (tx, version) => enqueueTellRestored(jobs, tx, version),
  });
  return {
    rules,
    interception,
    addRoutes(routes) {
      addRuleRoutes(routes, { ...rules, proposals });
      addRuleFileRoutes(routes, createRuleFiles({ ...ground, ...rules }));
      interception.addRoutes(routes);
    },
    registerJobs() {
      registerRuleJobs({ jobs, access, rules, messages, publicUrl: config.publicUrl });
      interception.registerJobs();
    },
  };
}

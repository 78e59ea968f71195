import type { EntityManager } from "typeorm";
import type { Access } from "../features/access/access.service.ts";
import {
  enqueueDrift,
  registerInterceptionJobs,
  requestSync,
} from "../features/interception/interception.jobs.ts";
import { addInterceptionRoutes } from "../features/interception/interception.routes.ts";
import { createInterception } from "../features/interception/interception.service.ts";
import type { Interception } from "../features/interception/interception.service.ts";
import { createInterceptionSync } from "../features/interception/interception.sync.ts";
import type { Members } from "../features/members/members.service.ts";
import type { Rules } from "../features/rules/rules.service.ts";
import type { ApiRoutes } from "../features/sign-in/actor.ts";
import type { Config } from "../config.ts";
import type { AppMessages } from "../wecom/app-messages.ts";
import { createInterceptRules } from "../wecom/intercept-rules.ts";
import type { WecomClient } from "../wecom/wecom-client.ts";
import type { Ground } from "./ground.ts";

export interface InterceptionPart {
  standing: Interception["standing"];
  addRoutes(routes: ApiRoutes): void;
  registerJobs(): void;
}

/** Other rules are in force: WeCom's own interception learns of it. */
export function tellOfPublished(ground: Ground): (tx: EntityManager) => Promise<void> {
  return (tx) => requestSync(ground, tx, false);
}

/** WeCom's own interception of what is typed in the chat. */
export function composeInterception(
  config: Config,
  ground: Ground,
  deps: {
    client: WecomClient;
    rules: Pick<Rules, "listEnabled">;
    members: Pick<Members, "directory">;
    messages: Pick<AppMessages, "pushTextCard">;
    access: Pick<Access, "holdersOf">;
  },
): InterceptionPart {
  const { client, messages, rules, members, access } = deps;
  const listRules = () => rules.listEnabled();
  const listNames = () => members.directory();
  const intercept = createInterceptRules(client, config.wecom.agentId);
  const onDrift = (tx: EntityManager) => enqueueDrift(ground, tx);
  const sync = createInterceptionSync({ ...ground, intercept, listRules, onDrift });
  const interception = createInterception({ ...ground, listRules, listNames });
  return {
    standing: () => interception.standing(),
    addRoutes: (routes) => addInterceptionRoutes(routes, { interception, listNames }),
    registerJobs: () =>
      registerInterceptionJobs({
        ...ground,
        ...config,
        sync,
        messages,
        writerIds: () => access.holdersOf("rule.write"),
        countDrifted: () => interception.countDrifted(),
      }),
  };
}

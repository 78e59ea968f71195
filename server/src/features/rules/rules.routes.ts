import {
  ruleDraft,
  ruleId,
  ruleList,
  ruleSwitch,
  ruleUpdate,
  ruleView,
  trialRequest,
  trialView,
} from "#shared/contract/rule";
import type { Routes } from "../../platform/http/routes.ts";
import type { Actor } from "../sign-in/actor.ts";
import type { Rules } from "./rules.service.ts";

/** The rules in the admin console. */
export function addRuleRoutes(routes: Routes<Actor>, rules: Rules): void {
  routes.get("/api/admin/rules", { allow: "admin", response: ruleList }, () => rules.list());

  routes.post(
    "/api/admin/rules",
    { allow: "admin", body: ruleDraft, response: ruleView, status: 201 },
    ({ body, actor }) => rules.create(body, actor.memberId),
  );

  routes.put(
    "/api/admin/rules/:id",
    { allow: "admin", params: ruleId, body: ruleUpdate, response: ruleView },
    ({ params, body, actor }) => rules.update(params.id, body.revision, body.draft, actor.memberId),
  );

  routes.post(
    "/api/admin/rules/:id/switch",
    { allow: "admin", params: ruleId, body: ruleSwitch, response: ruleView },
    ({ params, body, actor }) => rules.setEnabled(params.id, body.isEnabled, actor.memberId),
  );

  routes.post(
    "/api/admin/rules/trial",
    { allow: "admin", body: trialRequest, response: trialView },
    ({ body }) => rules.trial(body),
  );
}

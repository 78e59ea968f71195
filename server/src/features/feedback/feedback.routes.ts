import {
  effectsQuery,
  ruleEffects,
  suggestionAccept,
  suggestionDismiss,
} from "#shared/contract/rule-feedback";
import type { ApiRoutes } from "../sign-in/actor.ts";
import type { Feedback } from "./feedback.service.ts";

/** 规则效果 in the console. */
export function addFeedbackRoutes(routes: ApiRoutes, feedback: Feedback): void {
  const path = "/api/admin/rules/effects";
  routes.get(
    path,
    { allow: "rule.read", query: effectsQuery, response: ruleEffects },
    ({ actor, query }) => feedback.view(actor.memberId, query.days),
  );

  routes.post(
    `${path}/accept`,
    { allow: "rule.write", body: suggestionAccept, response: ruleEffects },
    ({ actor, body }) => feedback.accept(actor.memberId, body.days, body.id),
  );

  routes.post(
    `${path}/dismiss`,
    { allow: "rule.write", body: suggestionDismiss, response: ruleEffects },
    ({ actor, body }) => feedback.dismiss(actor.memberId, body.days, body.id, body.reason),
  );
}

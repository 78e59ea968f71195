/** What the page 规则效果 asks of the server. */
import type { RuleEffects } from "#shared/contract/rule-feedback";
import { api } from "../../page-api.ts";

const path = "/api/admin/rules/effects";

export function getEffects(days: number): Promise<RuleEffects> {
  return api.get(path, { days: String(days) });
}

export function acceptSuggestion(id: string, days: number): Promise<RuleEffects> {
  return api.post(`${path}/accept`, { id, days });
}

export function dismissSuggestion(id: string, days: number, reason: string): Promise<RuleEffects> {
  return api.post(`${path}/dismiss`, { id, days, reason });
}

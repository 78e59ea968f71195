import { role } from "#shared/contract/access";
import type { Role } from "#shared/contract/access";

/**
 * Who may use which route, written down a second time and by hand: what the product decides is held against it, with
 * every role and with what is one's own, one's own team's and another team's. A route without a row fails the test.
 */
export interface Row {
  /** Everybody else is refused with 403, whatever the object. */
  roles: readonly Role[];
  /** What the route opens; without it, the route concerns nobody in particular. */
  object?: ObjectKind;
  /** Whose objects open; all others are 404, as if there were none. */
  reach?: "own" | "team";
  /** A list that holds just what is within reach. */
  isList?: true;
  body?: (objectId: string) => object;
}

export type ObjectKind = "case" | "conversation" | "reading" | "customer";

const everybody: Row = { roles: role.options };
const judges = ["team_lead", "compliance"] as const;
const readers = [...judges, "emergency_reader"] as const;
const operators: Row = { roles: ["system_admin"] };
const ruleReaders: Row = {
  roles: ["compliance", "system_admin", "security_admin", "data_protection_officer"],
};
const ruleWriters: Row = { roles: ["compliance", "system_admin"] };
const accessReaders: Row = {
  roles: ["auditor", "system_admin", "security_admin", "data_protection_officer"],
};
const healthReaders: Row = { roles: ["auditor", "system_admin", "security_admin"] };
const keyReaders: Row = {
  roles: ["system_admin", "security_admin", "data_protection_officer"],
};
const retentionReaders: Row = {
  roles: ["auditor", "system_admin", "security_admin", "data_protection_officer", "legal"],
};
const holders: Row = { roles: ["system_admin", "data_protection_officer", "legal"] };
const auditors: Row = { roles: ["auditor", "security_admin", "data_protection_officer"] };
const evidenceReaders: Row = {
  roles: ["compliance", "auditor", "data_protection_officer", "legal"],
};
const evidenceRequesters: Row = { roles: ["compliance", "legal"] };
const emergencyOpeners: Row = { roles: ["compliance", "data_protection_officer", "legal"] };
const purpose = "核对投诉的经过";

export const permissionTable: Readonly<Record<string, Row>> = {
  // One's own.
  "get /api/session": everybody,
  "post /api/session/end": everybody,
  "get /api/session/readings": everybody,
  "get /api/session/emergency": everybody,
  "get /api/emergencies": everybody,
  "get /api/emergencies/candidates": emergencyOpeners,
  "post /api/emergencies": emergencyOpeners,
  "post /api/emergencies/:id/end": everybody,
  "post /api/emergencies/:id/review": emergencyOpeners,
  "post /api/sidebar/unmaskings": everybody,
  "get /api/extensions": everybody,
  "post /api/extensions/:id/end": everybody,
  "get /api/jssdk/signatures": everybody,
  "get /api/sidebar/customers/:customerId": { ...everybody, object: "customer", reach: "own" },
  "get /api/sidebar/groups/:chatId": everybody,
  "get /api/sidebar/rules": everybody,
  "get /api/sidebar/rules/:file": everybody,
  "post /api/sidebar/drafts/check": everybody,
  "get /api/sidebar/events": everybody,
  "get /api/approvals": everybody,
  "get /api/approvals/summary": everybody,
  "get /api/approvals/:id": everybody,
  "post /api/approvals/:id/decision": everybody,
  "post /api/approvals/:id/withdraw": everybody,

  // Other people's.
  "get /api/manager/cases": { roles: judges, object: "case", reach: "team", isList: true },
  "get /api/manager/cases/:id": { roles: judges, object: "case", reach: "team" },
  "post /api/manager/cases/:id/decision": {
    roles: judges,
    object: "case",
    reach: "team",
    body: () => ({ decision: "false_alarm" }),
  },
  "get /api/manager/conversations": {
    roles: readers,
    object: "conversation",
    reach: "team",
    isList: true,
  },
  "get /api/manager/conversations/scope": { roles: readers },
  "post /api/manager/readings": {
    roles: readers,
    object: "conversation",
    reach: "team",
    body: (conversationId) => ({ conversationId, purpose }),
  },
  "get /api/manager/readings/:id/messages": { roles: readers, object: "reading", reach: "own" },
  "post /api/manager/extensions": {
    roles: readers,
    object: "conversation",
    reach: "team",
    body: (conversationId) => ({ conversationId, days: 1, reason: "核对投诉的经过" }),
  },
  "post /api/manager/unmaskings": {
    roles: judges,
    object: "case",
    reach: "team",
    body: (caseId) => ({ target: { kind: "case_customer", caseId }, reason: "核对投诉的经过" }),
  },
  "get /api/manager/readings/:id/media/:mediaId": { roles: readers },
  "post /api/manager/searches": { roles: readers },
  "get /api/manager/searches/:id/results": { roles: readers },

  // Rules.
  "get /api/admin/rules": ruleReaders,
  "post /api/admin/rules": ruleWriters,
  "put /api/admin/rules/:id": ruleWriters,
  "post /api/admin/rules/:id/switch": ruleWriters,
  "post /api/admin/rules/trial": ruleReaders,
  "get /api/admin/rules/file": ruleReaders,
  "post /api/admin/rules/file/preview": ruleWriters,
  "post /api/admin/rules/file/import": ruleWriters,
  "get /api/admin/interception": ruleReaders,
  "get /api/admin/interception/directory": ruleReaders,
  "post /api/admin/interception/sync": ruleWriters,
  "post /api/admin/interception/parts/:id/restore": ruleWriters,
  "delete /api/admin/rules/:id": ruleWriters,
  "post /api/admin/rules/:id/revert": ruleWriters,
  "post /api/admin/rules/revert": ruleWriters,
  "get /api/admin/rules/changes": ruleReaders,
  "get /api/admin/rules/versions": ruleReaders,
  "get /api/admin/rules/versions/:number/changes": ruleReaders,
  "post /api/admin/rules/versions/:number/restore": ruleWriters,
  "post /api/admin/rules/proposals": ruleWriters,
  "get /api/admin/calendar": ruleReaders,
  "put /api/admin/calendar": ruleWriters,
  "get /api/admin/rules/effects": ruleReaders,
  "post /api/admin/rules/effects/accept": ruleWriters,
  "post /api/admin/rules/effects/dismiss": ruleWriters,
  "get /api/admin/rules/proposals/:base/:hash": ruleReaders,
  "get /api/admin/rule-scans/latest": ruleReaders,
  "get /api/admin/rule-scans/proposals/:base/:hash": ruleReaders,
  "post /api/admin/rule-scans": ruleWriters,
  "get /api/admin/rule-scans/:id": ruleReaders,
  "post /api/admin/rule-scans/:id/cancel": ruleWriters,
  "post /api/admin/rule-scans/:id/sample": ruleWriters,
  "post /api/admin/rule-scans/:id/sample/:item/label": ruleWriters,

  // Rights.
  "get /api/admin/access": accessReaders,
  "get /api/admin/access/findings": accessReaders,
  "get /api/admin/access/findings.csv": accessReaders,
  "get /api/admin/access/candidates": operators,
  "post /api/admin/access/grants": operators,
  "post /api/admin/access/grants/:id/revocation": operators,
  "post /api/admin/access/grants/:id/keep": { roles: ["security_admin"] },
  // Whose manager one is says the directory: everybody may ask, and nobody finds another's.
  "get /api/access-review": everybody,
  "post /api/access-review/items/:id/decision": everybody,
  "get /api/admin/access-reviews": accessReaders,
  "post /api/admin/access-reviews": { roles: ["security_admin"] },
  "get /api/admin/access-reviews/:id": accessReaders,
  "get /api/admin/access-reviews/:id/report.csv": accessReaders,

  // Running it.
  "get /api/admin/health": healthReaders,
  "get /api/admin/jobs/dead": healthReaders,
  "get /api/admin/keys": keyReaders,
  "post /api/admin/jobs/:id/retry": operators,
  "get /api/admin/archive/undecodable": operators,
  "post /api/admin/archive/undecodable/retry": operators,
  "post /api/admin/archive/undecodable/exclude": operators,
  "get /api/admin/archive/lost-media": operators,
  "post /api/admin/archive/lost-media/fetch": operators,
  "get /api/admin/archive/reconciliation": operators,
  "get /api/admin/archive/reconciliation/days/:day": operators,
  "get /api/admin/archive/repulls": operators,
  "post /api/admin/archive/repulls": operators,

  // Evidence.
  "get /api/evidence": evidenceReaders,
  "post /api/evidence": evidenceRequesters,
  "get /api/evidence/:id": evidenceReaders,
  "get /api/evidence/:id/package": evidenceRequesters,

  // The record of acts.
  "get /api/admin/audit": auditors,
  "get /api/admin/audit.csv": auditors,
  "get /api/admin/ledger": auditors,
  "post /api/admin/ledger/check": auditors,

  // Keeping and destroying.
  "get /api/admin/retention": retentionReaders,
  "post /api/admin/retention/preview": retentionReaders,
  "post /api/admin/retention/policy": { roles: ["system_admin", "data_protection_officer"] },
  "get /api/admin/retention/holds": retentionReaders,
  "post /api/admin/retention/holds": holders,
  "post /api/admin/retention/holds/:id/release": holders,
  "get /api/admin/retention/people": retentionReaders,
  "post /api/admin/retention/people/preview": { roles: ["system_admin"] },
  "post /api/admin/retention/people": { roles: ["system_admin"] },
  "get /api/admin/retention/people/:id/certificate": retentionReaders,
  "get /api/admin/retention/people/:id/certificate.html": retentionReaders,
  "get /api/admin/retention/runs": retentionReaders,
  "get /api/admin/retention/runs.csv": retentionReaders,
};

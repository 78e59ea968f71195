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
import {
  ruleFileBytes,
  ruleFileImport,
  ruleFilePreview,
  ruleFileResult,
  ruleFileType,
} from "#shared/contract/rule-file";
import {
  proposalParams,
  proposalRequest,
  restored,
  restoreRequest,
  ruleChanges,
  versionChanges,
  versionList,
  versionListQuery,
  versionParams,
} from "#shared/contract/rule-set";
import type { ApiRoutes } from "../sign-in/actor.ts";
import type { RuleFiles } from "./rule-import.service.ts";
import type { RuleProposals } from "./rule-proposals.ts";
import type { Rules } from "./rules.service.ts";

const VERSIONS_PAGE = 20;

/** The rules in the admin console: the working draft, and what was published. */
export function addRuleRoutes(
  routes: ApiRoutes,
  {
    drafts,
    versions,
    proposals,
  }: Pick<Rules, "drafts" | "versions"> & {
    proposals: RuleProposals;
  },
): void {
  routes.get("/api/admin/rules", { allow: "rule.read", response: ruleList }, () => drafts.list());

  routes.post(
    "/api/admin/rules",
    { allow: "rule.write", body: ruleDraft, response: ruleView, status: 201 },
    ({ body, actor }) => drafts.create(body, actor.memberId),
  );

  routes.get("/api/admin/rules/changes", { allow: "rule.read", response: ruleChanges }, () =>
    drafts.changes(),
  );

  routes.post("/api/admin/rules/revert", { allow: "rule.write", response: ruleList }, ({ actor }) =>
    drafts.revert(null, actor.memberId),
  );

  routes.post(
    "/api/admin/rules/trial",
    { allow: "rule.read", body: trialRequest, response: trialView },
    ({ body }) => drafts.trial(body),
  );

  routes.get(
    "/api/admin/rules/versions",
    { allow: "rule.read", query: versionListQuery, response: versionList },
    ({ query }) => versions.list(query.before, VERSIONS_PAGE),
  );

  routes.get(
    "/api/admin/rules/versions/:number/changes",
    { allow: "rule.read", params: versionParams, response: versionChanges },
    async ({ params: { number } }) => {
      const [before, after] = await Promise.all([versions.before(number), versions.get(number)]);
      return { changes: versions.describeChanges(before, after) };
    },
  );

  routes.post(
    "/api/admin/rules/versions/:number/restore",
    { allow: "rule.write", params: versionParams, body: restoreRequest, response: restored },
    ({ params, body, actor }) => proposals.restore(params.number, body.reason, actor.memberId),
  );

  routes.post(
    "/api/admin/rules/proposals",
    { allow: "rule.write", body: proposalRequest },
    async ({ body, actor }) => {
      await proposals.propose(body.hash, body.reason, actor.memberId);
      return undefined;
    },
  );

  routes.get(
    "/api/admin/rules/proposals/:base/:hash",
    { allow: "rule.read", params: proposalParams, response: ruleChanges },
    ({ params }) => proposals.review(params.hash, params.base),
  );

  routes.put(
    "/api/admin/rules/:id",
    { allow: "rule.write", params: ruleId, body: ruleUpdate, response: ruleView },
    ({ params, body, actor }) =>
      drafts.update(params.id, body.revision, body.draft, actor.memberId),
  );

  routes.delete(
    "/api/admin/rules/:id",
    { allow: "rule.write", params: ruleId, response: ruleList },
    ({ params, actor }) => drafts.remove(params.id, actor.memberId),
  );

  routes.post(
    "/api/admin/rules/:id/switch",
    { allow: "rule.write", params: ruleId, body: ruleSwitch, response: ruleView },
    ({ params, body, actor }) => drafts.setEnabled(params.id, body.isEnabled, actor.memberId),
  );

  routes.post(
    "/api/admin/rules/:id/revert",
    { allow: "rule.write", params: ruleId, response: ruleList },
    ({ params, actor }) => drafts.revert(params.id, actor.memberId),
  );
}

/** All rules as a workbook, and back. */
export function addRuleFileRoutes(routes: ApiRoutes, files: RuleFiles): void {
  const path = "/api/admin/rules/file";
  const file = { type: ruleFileType, maxBytes: ruleFileBytes };
  routes.get(path, { allow: "rule.read" }, async ({ ctx }) => {
    ctx.type = ruleFileType;
    ctx.attachment("rules.xlsx");
    ctx.body = await files.write();
    return undefined;
  });

  routes.post(
    `${path}/preview`,
    { allow: "rule.write", file, response: ruleFilePreview },
    (input) => files.preview(input.file),
  );

  routes.post(
    `${path}/import`,
    { allow: "rule.write", file, query: ruleFileImport, response: ruleFileResult },
    (input) => files.apply(input.file, input.query.base, input.actor.memberId),
  );
}

import {
  labelParams,
  labelRequest,
  latestScan,
  latestScanQuery,
  ruleScanParams,
  ruleScanRequest,
  ruleScanView,
  sampleRequest,
  sampleSummary,
  sampleView,
  scanOfProposal,
  scanOfProposalParams,
} from "#shared/contract/rule-scan";
import type { ApiRoutes } from "../sign-in/actor.ts";
import type { RuleScans } from "./rule-scans.service.ts";
import type { Samples } from "./samples.service.ts";

const path = "/api/admin/rule-scans";

/** Trials and look-backs in the console. Counts are for all who read rules; chats only for who may read those. */
export function addRuleScanRoutes(
  routes: ApiRoutes,
  { scans, samples }: { scans: RuleScans; samples: Samples },
): void {
  routes.get(
    `${path}/latest`,
    { allow: "rule.read", query: latestScanQuery, response: latestScan },
    ({ actor, query }) => scans.latest(actor.memberId, query.kind),
  );

  routes.get(
    `${path}/proposals/:base/:hash`,
    { allow: "rule.read", params: scanOfProposalParams, response: scanOfProposal },
    ({ actor, params }) => scans.ofProposal(actor.memberId, params.base, params.hash),
  );

  routes.post(
    path,
    { allow: "rule.write", body: ruleScanRequest, response: ruleScanView, status: 201 },
    ({ actor, body }) => scans.start(body, actor.memberId),
  );

  routes.get(
    `${path}/:id`,
    { allow: "rule.read", params: ruleScanParams, response: ruleScanView },
    ({ actor, params }) => scans.get(actor.memberId, params.id),
  );

  routes.post(
    `${path}/:id/cancel`,
    { allow: "rule.write", params: ruleScanParams, response: ruleScanView },
    ({ actor, params }) => scans.cancel(params.id, actor.memberId),
  );

  routes.post(
    `${path}/:id/sample`,
    { allow: "rule.write", params: ruleScanParams, body: sampleRequest, response: sampleView },
    ({ actor, params, body }) => samples.open(actor, params.id, body.purpose),
  );

  routes.post(
    `${path}/:id/sample/:item/label`,
    { allow: "rule.write", params: labelParams, body: labelRequest, response: sampleSummary },
    ({ actor, params: { id, item }, body }) =>
      samples.label(actor.memberId, { scanId: id, itemId: item }, body.label),
  );
}

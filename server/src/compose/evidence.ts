import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Config } from "../config.ts";
import type { Access } from "../features/access/access.service.ts";
import type { Approvals } from "../features/approvals/approvals.service.ts";
import type { HitMarks } from "../features/cases/hit-marks.ts";
import { createEvidenceBuilder } from "../features/evidence/build.ts";
import {
  enqueueBuilding,
  enqueueTelling,
  registerEvidenceJobs,
} from "../features/evidence/evidence.jobs.ts";
import { addEvidenceRoutes } from "../features/evidence/evidence.routes.ts";
import { createEvidence } from "../features/evidence/evidence.service.ts";
import type { ConversationViews } from "../features/reading/conversation-views.ts";
import { logReading } from "../features/reading/reading-log.ts";
import type { ApiRoutes } from "../features/sign-in/actor.ts";
import { AppError } from "../platform/http/app-error.ts";
import type { ObjectStore } from "../platform/objects/object-store.ts";
import type { AppMessages } from "../wecom/app-messages.ts";
import { createEvidenceSources } from "./evidence-sources.ts";
import type { EvidenceSourceDeps } from "./evidence-sources.ts";
import type { Ground } from "./ground.ts";

export interface EvidenceParts {
  addRoutes(routes: ApiRoutes): void;
  registerJobs(): void;
}

interface Deps extends EvidenceSourceDeps {
  access: Pick<Access, "membersWithin">;
  approvals: Approvals;
  hitMarks: Pick<HitMarks, "placeOf">;
  views: Pick<ConversationViews, "titlesOf">;
  messages: Pick<AppMessages, "pushTextCard">;
  store: ObjectStore;
  /** Where the verifiers lie. */
  commonDir: string;
}

const APPROVAL = "evidence.export";
const APPROVAL_VALID_MS = 7 * 24 * 3600_000;

/** Packages of evidence: the parts of several features that meet in one zip. */
export function composeEvidence(config: Config, ground: Ground, deps: Deps): EvidenceParts {
  const { jobs, signingKey } = ground;
  const { approvals, members, conversations } = deps;
  const sources = createEvidenceSources(ground, deps);
  const evidence = createEvidence({
    ...ground,
    store: deps.store,
    messages: sources.messages,
    keyFingerprint: signingKey.fingerprint,
    namesOf: (ids) => members.namesOf(ids),
    seesAll: ({ permissions }) =>
      permissions.has("evidence.approve") || permissions.has("audit.read"),
    conversationFor,
    titlesOf: (ids) => deps.views.titlesOf(ids),
    async askApproval(tx, objectId, reason, requestedBy) {
      const payload = { packageId: objectId };
      await approvals.request(tx, { kind: APPROVAL, objectId, payload, reason, requestedBy });
    },
    async logReading(tx, reading) {
      const [conversation] = await conversations.find([reading.conversationId ?? ""]);
      const subjectIds = conversation?.memberIds ?? [];
      await logReading(tx, ground.vault, { ...reading, subjectIds });
    },
    startBuilding: (tx, id) => enqueueBuilding(jobs, tx, id),
  });
  approvals.register({
    kind: APPROVAL,
    permission: "evidence.approve",
    payload: z.object({ packageId: z.string() }),
    validMs: APPROVAL_VALID_MS,
    describe: async ({ objectId }) => ({
      title: await evidence.describe(objectId),
      path: "/admin/evidence",
    }),
    onApproved: (tx, { objectId, decidedBy }) => evidence.approve(tx, objectId, decidedBy),
    onEnded: (tx, { payload }) => evidence.end(tx, payload.packageId),
  });
  const builder = createEvidenceBuilder({
    ...ground,
    sources,
    store: deps.store,
    common: readCommon(deps.commonDir),
    folder: join(config.media.dir, "incoming"),
    onEnded: (tx, id) => enqueueTelling(jobs, tx, id),
  });
  return {
    addRoutes: (routes) => addEvidenceRoutes(routes, evidence),
    registerJobs: () =>
      registerEvidenceJobs({ ...ground, builder, messages: deps.messages, ...config }),
  };

  async function conversationFor(
    actor: { memberId: string },
    wish: { conversationId?: string | undefined; caseId?: string | undefined },
  ): Promise<string> {
    const id =
      wish.conversationId ?? (await deps.hitMarks.placeOf(wish.caseId ?? ""))?.conversationId;
    const [found] = await conversations.find(id === undefined ? [] : [id]);
    const within = new Set(await deps.access.membersWithin(actor.memberId, "evidence.request"));
    // 404 for somebody else's, too: whether it exists is nobody's business.
    if (!found?.memberIds.some((one) => within.has(one))) throw new AppError("not_found");
    return found.id;
  }
}

function readCommon(folder: string): Map<string, Buffer> {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

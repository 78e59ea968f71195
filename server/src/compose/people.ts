import type { EntityManager } from "typeorm";
import type { Config } from "../config.ts";
import { createAccess } from "../features/access/access.service.ts";
import type { Access } from "../features/access/access.service.ts";
import { enqueueTellOfRights, registerGrantJobs } from "../features/access/grants.jobs.ts";
import { addGrantRoutes } from "../features/access/grants.routes.ts";
import { createGrants } from "../features/access/grants.service.ts";
import type { Grants } from "../features/access/grants.service.ts";
import { endGrantsOfLeavers, flagGrantsOfMovers } from "../features/access/grants-upkeep.ts";
import {
  enqueueTellDeciders,
  enqueueTellRequester,
  registerApprovalJobs,
} from "../features/approvals/approvals.jobs.ts";
import { addApprovalRoutes } from "../features/approvals/approvals.routes.ts";
import { createPermissionUse } from "../features/access/permission-use.ts";
import type { PermissionUse } from "../features/access/permission-use.ts";
import { createApprovals } from "../features/approvals/approvals.service.ts";
import type { Approvals } from "../features/approvals/approvals.service.ts";
import { readSaidConsents } from "../features/archive/consents.ts";
import { findOpenEmergency } from "../features/emergency/open-emergencies.ts";
import { createCustomers } from "../features/customers/customers.service.ts";
import type { Customers } from "../features/customers/customers.service.ts";
import { registerMemberJobs } from "../features/members/members.jobs.ts";
import { createMembers } from "../features/members/members.service.ts";
import type { Members } from "../features/members/members.service.ts";
import type { ApiRoutes } from "../features/sign-in/actor.ts";
import { createSessions } from "../features/sign-in/sessions.service.ts";
import type { Sessions } from "../features/sign-in/sessions.service.ts";
import { opaqueTokens } from "../platform/opaque-tokens.ts";
import type { AppMessages } from "../wecom/app-messages.ts";
import { checkSingleConsent } from "../wecom/archive-consent.ts";
import { createCustomerContact } from "../wecom/customer-contact.ts";
import { createDirectory } from "../wecom/directory.ts";
import type { WecomClient } from "../wecom/wecom-client.ts";
import { composeAccessReview } from "./access-review.ts";
import type { Ground } from "./ground.ts";

type RightsListener = (tx: EntityManager, memberIds: readonly string[]) => Promise<void>;

export interface People {
  sessions: Sessions;
  members: Members;
  access: Access;
  approvals: Approvals;
  grants: Grants;
  customers: Customers;
  /** Calls back, in the same transaction, when these members' rights have changed or they have left. */
  onRightsChanged(listener: RightsListener): void;
  permissionUse: PermissionUse;
  addRoutes(routes: ApiRoutes): void;
  registerJobs(): void;
}

/** Who is who, who may do what, and who has to say yes. */
export function composePeople(
  { adminMemberIds, publicUrl }: Config,
  ground: Ground,
  { client, messages }: { client: WecomClient; messages: AppMessages },
): People {
  const { database, jobs, clock } = ground;
  const sessions = createSessions({ ...ground, tokens: opaqueTokens });
  const listeners: RightsListener[] = [];
  /** No session, and nothing that was allowed for some time, outlives a change of rights. */
  async function endWhatWasOpen(tx: EntityManager, memberIds: readonly string[]): Promise<void> {
    await sessions.endAllOf(tx, memberIds);
    for (const listener of listeners) await listener(tx, memberIds);
  }
  const members = createMembers({
    ...ground,
    directory: createDirectory(client),
    async onLeft(tx, memberIds) {
      await endWhatWasOpen(tx, memberIds);
      await endGrantsOfLeavers(tx, memberIds, clock.now());
    },
    onMoved: (tx, memberIds) => flagGrantsOfMovers(tx, memberIds, clock.now()),
  });
  const access = createAccess({
    ...ground,
    members,
    adminMemberIds,
    async passingRolesOf(memberId) {
      const open = await findOpenEmergency(ground, memberId);
      if (!open) return [];
      return [{ role: "emergency_reader", departmentIds: null, memberIds: open.memberIds }];
    },
  });
  const approvals = createApprovals({
    ...ground,
    access,
    members,
    onRequested: (tx, id) => enqueueTellDeciders(jobs, tx, id),
    onEnded: (tx, id) => enqueueTellRequester(jobs, tx, id),
  });
  const grants = createGrants({
    ...ground,
    access,
    approvals,
    members,
    adminMemberIds,
    endSessionsOf: endWhatWasOpen,
    onChanged: (tx, change) => enqueueTellOfRights(jobs, tx, change),
  });
  const customers = createCustomers({
    ...ground,
    contact: createCustomerContact(client),
    checkConsent: (pairs) => checkSingleConsent(client, pairs),
    readSaidConsents: (customerId) => readSaidConsents(database, customerId),
  });
  const permissionUse = createPermissionUse(ground);
  const accessReview = composeAccessReview(ground, {
    members,
    access,
    approvals,
    conflicts: () => grants.conflicts(),
    permissionUse,
    // A suspended right ends what it had opened, too.
    sessions: { endAllOf: endWhatWasOpen },
    messages,
    publicUrl,
  });
  return {
    sessions,
    members,
    access,
    approvals,
    grants,
    customers,
    onRightsChanged: (listener) => void listeners.push(listener),
    permissionUse,
    addRoutes(routes) {
      addApprovalRoutes(routes, approvals);
      addGrantRoutes(routes, grants);
      accessReview.addRoutes(routes);
    },
    registerJobs() {
      registerMemberJobs({ jobs, members });
      registerGrantJobs({ jobs, grants, access, messages, publicUrl });
      registerApprovalJobs({ jobs, approvals, members, messages, publicUrl });
      accessReview.registerJobs();
    },
  };
}

import type { EntityManager } from "typeorm";
import { In } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { grantableRole, roleNames } from "#shared/contract/access";
import type { Role } from "#shared/contract/access";
import { conflictWords, SMALL_COMPANY } from "#shared/contract/grant";
import type {
  AccessView,
  Candidates,
  ConflictView,
  GrantRequest,
  GrantView,
} from "#shared/contract/grant";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { takeTurn } from "../../platform/database/take-turn.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { Approvals, Approved } from "../approvals/approvals.service.ts";
import type { Members } from "../members/members.service.ts";
import type { Actor } from "../sign-in/actor.ts";
import type { Access } from "./access.service.ts";
import { AccessGrant } from "./grant.entity.ts";
import { endGrants } from "./grants-upkeep.ts";
import { roleTable } from "./role-table.ts";
import { conflictsOf } from "./separation.ts";

/** Who is given which role: asked for by one, approved by another, for a third. */
export interface Grants {
  view(): Promise<AccessView>;
  candidates(text: string): Promise<Candidates>;
  /** Returns the approval's id. Throws `invalid_request` with what stands in the way. */
  request(actor: Actor, wish: GrantRequest): Promise<string>;
  requestRevocation(actor: Actor, grantId: string, reason: string): Promise<string>;
  /** Still needed after the holder has moved. */
  keep(actor: Actor, grantId: string): Promise<void>;
  /** What is held together that should not be, as of now. */
  conflicts(): Promise<ConflictView[]>;
}

interface Deps {
  database: Database;
  clock: Clock;
  access: Pick<Access, "holdersOf" | "foundingRolesOf">;
  approvals: Pick<Approvals, "register" | "request">;
  members: Pick<
    Members,
    "find" | "listActive" | "departments" | "namesOf" | "managerIds" | "isManager"
  >;
  adminMemberIds: readonly string[];
  endSessionsOf: (tx: EntityManager, memberIds: readonly string[]) => Promise<void>;
  /** Told after it has become effective, in the same transaction. */
  onChanged: (tx: EntityManager, change: RightsChange) => Promise<void>;
}

export interface RightsChange {
  memberId: string;
  role: z.infer<typeof grantableRole>;
  isGiven: boolean;
}

const VALID_MS = 7 * 24 * 3600_000;
const CANDIDATES = 20;

const grantPayload = z.strictObject({
  memberId: z.string(),
  role: grantableRole,
  departmentIds: z.array(z.number().int()).nullable(),
  acceptsRisk: z.boolean(),
});
type GrantPayload = z.infer<typeof grantPayload>;
const revokePayload = z.strictObject({ memberId: z.string(), role: grantableRole });

const refuse = (field: string, problem: string): AppError =>
  new AppError("invalid_request", { [field]: problem });

export function createGrants(deps: Deps): Grants {
  const { database, clock, access, approvals, members } = deps;

  const activeOf = (memberId: string, manager = database.read): Promise<AccessGrant[]> =>
    manager.findBy(AccessGrant, { memberId, state: "active" });

  async function rolesOf(memberId: string, manager = database.read): Promise<Role[]> {
    const granted = (await activeOf(memberId, manager)).map(({ role }): Role => role);
    return (await members.isManager(memberId)) ? ["team_lead", ...granted] : granted;
  }

  /** Throws when it must not be given: asked at the request and once more when it is approved. */
  async function checkGivable(
    { memberId, role, departmentIds, acceptsRisk }: GrantPayload,
    manager = database.read,
  ) {
    if ((await members.find(memberId))?.isActive !== true)
      throw refuse("memberId", "这位成员已离职或不在应用可见范围内");
    const isReading = Object.values(roleTable[role]).includes("granted");
    const known = await members.departments();
    if (departmentIds !== null && !isReading) throw refuse("departmentIds", "这个角色不分部门");
    if (departmentIds?.some((id) => !known.some((one) => one.id === id)))
      throw refuse("departmentIds", "部门已不存在，请重新选择");
    const same = (await activeOf(memberId, manager)).find((grant) => grant.role === role);
    if (same && sameDepartments(same.departmentIds, departmentIds))
      throw refuse("role", `已经是${roleNames[role]}`);
    const held = [...(await rolesOf(memberId, manager)), role];
    const conflicts = conflictsOf(held, (await members.listActive()).length);
    const [hard] = conflicts.filter(({ isAcceptable }) => !isAcceptable);
    if (hard) throw refuse("role", conflictWords[hard.kind]);
    const [soft] = conflicts;
    if (soft && !acceptsRisk)
      throw refuse("acceptsRisk", `${conflictWords[soft.kind]}；人手不够时可以接受这个风险`);
    return { hasAcceptedRisk: soft !== undefined };
  }

  /** With nobody to say yes, a request would only run out. */
  async function demandDecider(exceptIds: readonly string[]): Promise<void> {
    const deciders = await access.holdersOf("access.approve");
    if (!deciders.some((id) => !exceptIds.includes(id))) throw new AppError("nobody_to_approve");
  }

  async function give(tx: EntityManager, approved: Approved<GrantPayload>): Promise<void> {
    const { id: approvalId, payload, requestedBy, decidedBy, atMs } = approved;
    const { memberId, role, departmentIds } = payload;
    // Of two roles for one person, approved at the same moment, the second is held against the first.
    await takeTurn(tx, `grants:${memberId}`);
    const { hasAcceptedRisk } = await checkGivable(payload, tx);
    const replaced = await tx.findBy(AccessGrant, {
      memberId,
      role,
      state: In(["active", "suspended"]),
    });
    await endGrants(tx, replaced, { actorId: decidedBy, because: "replaced", atMs });
    const id = uuidv7();
    await tx.insert(AccessGrant, {
      id,
      memberId,
      role,
      departmentIds,
      state: "active",
      grantedBy: decidedBy,
      grantedAtMs: atMs,
      endedAtMs: null,
      acceptedRisk: hasAcceptedRisk,
      flaggedAtMs: null,
    });
    recordEntry(tx, {
      kind: "access.granted",
      actorId: decidedBy,
      objectId: id,
      atMs,
      details: {
        member: memberId,
        role,
        departments: departmentIds,
        requestedBy,
        approval: approvalId,
        acceptedRisk: hasAcceptedRisk,
      },
    });
    // A session keeps no rights of before.
    await deps.endSessionsOf(tx, [memberId]);
    await deps.onChanged(tx, { memberId, role, isGiven: true });
  }

  approvals.register<GrantPayload>({
    kind: "access.grant",
    permission: "access.approve",
    needsFreshSignIn: true,
    payload: grantPayload,
    validMs: VALID_MS,
    async describe({ payload }) {
      const names = await members.namesOf([payload.memberId]);
      const where = await nameDepartments(payload.departmentIds);
      const risk = payload.acceptsRisk ? "（接受角色没有分开的风险）" : "";
      const name = names.get(payload.memberId) ?? payload.memberId;
      return {
        title: `给${name}${roleNames[payload.role]}权限${where && `，范围：${where}`}${risk}`,
        path: null,
      };
    },
    excludes: ({ payload }) => [payload.memberId],
    onApproved: give,
  });

  approvals.register<z.infer<typeof revokePayload>>({
    kind: "access.revoke",
    permission: "access.approve",
    needsFreshSignIn: true,
    payload: revokePayload,
    validMs: VALID_MS,
    async describe({ payload: { memberId, role } }) {
      const names = await members.namesOf([memberId]);
      return {
        title: `收回${names.get(memberId) ?? memberId}的${roleNames[role]}权限`,
        path: null,
      };
    },
    excludes: ({ payload }) => [payload.memberId],
    async onApproved(tx, { objectId, payload, decidedBy, atMs }) {
      const found = await tx.findBy(AccessGrant, { id: objectId });
      await endGrants(tx, found, { actorId: decidedBy, because: "revoked", atMs });
      await deps.endSessionsOf(tx, [payload.memberId]);
      await deps.onChanged(tx, { ...payload, isGiven: false });
    },
  });

  async function nameDepartments(ids: readonly number[] | null): Promise<string> {
    if (ids === null) return "";
    const known = await members.departments();
    return ids.map((id) => known.find((one) => one.id === id)?.name ?? `部门 ${id}`).join("、");
  }

  async function getActive(grantId: string): Promise<AccessGrant> {
    const grant = await database.read.findOneBy(AccessGrant, { id: grantId, state: "active" });
    if (!grant) throw new AppError("not_found");
    return grant;
  }

  const grants: Grants = {
    async view() {
      const rows = await database.read.find(AccessGrant, {
        where: { state: "active" },
        order: { grantedAtMs: "DESC", id: "DESC" },
      });
      const names = await members.namesOf([
        ...rows.flatMap(({ memberId, grantedBy }) => [memberId, grantedBy]),
        ...deps.adminMemberIds,
      ]);
      const nameOf = (id: string): string => names.get(id) ?? id;
      const known = await members.departments();
      const founders = await Promise.all(
        deps.adminMemberIds.map(async (memberId) => ({
          memberId,
          memberName: nameOf(memberId),
          roles: await access.foundingRolesOf(memberId),
        })),
      );
      return {
        grants: rows.map((row): GrantView => ({
          id: row.id,
          memberId: row.memberId,
          memberName: nameOf(row.memberId),
          role: row.role,
          departments:
            row.departmentIds?.map((id) => ({
              id,
              name: known.find((one) => one.id === id)?.name ?? String(id),
            })) ?? null,
          grantedByName: nameOf(row.grantedBy),
          grantedAtMs: row.grantedAtMs,
          hasAcceptedRisk: row.acceptedRisk,
          flaggedAtMs: row.flaggedAtMs,
        })),
        founders: founders.filter(({ roles }) => roles.length > 0),
        leadCount: (await members.managerIds()).length,
        conflicts: await grants.conflicts(),
        isSmallCompany: (await members.listActive()).length < SMALL_COMPANY,
      };
    },

    async candidates(text) {
      const departments = await members.departments();
      const nameOf = (id: number): string => departments.find((one) => one.id === id)?.name ?? "";
      const found = (await members.listActive())
        .filter(({ id, name }) => name.includes(text) || id.includes(text.toLowerCase()))
        .slice(0, CANDIDATES);
      return {
        members: found.map(({ id, name, departmentIds }) => ({
          id,
          name,
          department: departmentIds.map(nameOf).filter(Boolean).join("、"),
        })),
        departments: departments.map(({ id, name }) => ({ id, name })),
      };
    },

    async request(actor, { reason, ...payload }) {
      const { hasAcceptedRisk } = await checkGivable(payload);
      await demandDecider([actor.memberId, payload.memberId]);
      return await database.write((tx) =>
        approvals.request(tx, {
          kind: "access.grant",
          objectId: payload.memberId,
          payload: { ...payload, acceptsRisk: hasAcceptedRisk },
          reason,
          requestedBy: actor.memberId,
        }),
      );
    },

    async requestRevocation(actor, grantId, reason) {
      const { memberId, role } = await getActive(grantId);
      await demandDecider([actor.memberId, memberId]);
      return await database.write((tx) =>
        approvals.request(tx, {
          kind: "access.revoke",
          objectId: grantId,
          payload: { memberId, role },
          reason,
          requestedBy: actor.memberId,
        }),
      );
    },

    async keep(actor, grantId) {
      const { memberId } = await getActive(grantId);
      if (memberId === actor.memberId) throw new AppError("own_request");
      await database.write(async (tx) => {
        await tx.update(AccessGrant, { id: grantId }, { flaggedAtMs: null });
        recordEntry(tx, {
          kind: "access.kept",
          actorId: actor.memberId,
          objectId: grantId,
          atMs: clock.now(),
          details: { member: memberId },
        });
      });
    },

    async conflicts() {
      const rows = await database.read.findBy(AccessGrant, { state: "active" });
      const holderIds = [...new Set(rows.map(({ memberId }) => memberId))];
      const names = await members.namesOf(holderIds);
      const activeMembers = (await members.listActive()).length;
      const found: ConflictView[] = [];
      for (const memberId of holderIds) {
        const isTaken = rows.some((row) => row.memberId === memberId && row.acceptedRisk);
        for (const conflict of conflictsOf(await rolesOf(memberId), activeMembers))
          found.push({
            memberId,
            memberName: names.get(memberId) ?? memberId,
            kind: conflict.kind,
            roles: conflict.roles,
            isAccepted: conflict.isAcceptable && isTaken,
          });
      }
      return found;
    },
  };
  return grants;
}

function sameDepartments(a: readonly number[] | null, b: readonly number[] | null): boolean {
  return JSON.stringify(a && [...a].sort()) === JSON.stringify(b && [...b].sort());
}

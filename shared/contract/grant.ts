import { z } from "zod";
import { grantableRole, role } from "./access.ts";
import { approvalReason } from "./approval.ts";

/** The companies that may give one person two roles that are better kept apart have fewer active members. */
export const SMALL_COMPANY = 20;

/** What should not come together in one person. */
export const conflictKind = z.enum(["administrators", "auditor_acts", "reader_grants"]);
export type ConflictKind = z.infer<typeof conflictKind>;

export const conflictWords: Record<ConflictKind, string> = {
  administrators: "系统管理员、安全管理员、审计员要由三个人担任",
  auditor_acts: "审计员不能再有会改动数据的角色",
  reader_grants: "能看聊天内容的人不能管权限",
};

export const grantView = z.object({
  id: z.string(),
  memberId: z.string(),
  memberName: z.string(),
  role: grantableRole,
  /** Null: the whole company. */
  departments: z.array(z.object({ id: z.number().int(), name: z.string() })).nullable(),
  grantedByName: z.string(),
  grantedAtMs: z.number(),
  /** Two roles that are better kept apart, accepted in a small company. */
  hasAcceptedRisk: z.boolean(),
  /** Since when it waits to be looked at: the holder has moved. */
  flaggedAtMs: z.number().nullable(),
});
export type GrantView = z.infer<typeof grantView>;

export const conflictView = z.object({
  memberId: z.string(),
  memberName: z.string(),
  kind: conflictKind,
  roles: z.array(role),
  isAccepted: z.boolean(),
});
export type ConflictView = z.infer<typeof conflictView>;

/** GET /api/admin/access */
export const accessView = z.object({
  grants: z.array(grantView),
  /** Administrators of the settings, with the roles that they hold while nobody has been given them. */
  founders: z.array(
    z.object({ memberId: z.string(), memberName: z.string(), roles: z.array(grantableRole) }),
  ),
  /** How many lead somebody in WeCom's directory, and so are team leads. */
  leadCount: z.number().int(),
  conflicts: z.array(conflictView),
  isSmallCompany: z.boolean(),
});
export type AccessView = z.infer<typeof accessView>;

/** GET /api/admin/access/candidates?text= : active members, 20 at most, and the departments. */
export const candidatesQuery = z.object({ text: z.string().trim().max(50).default("") });
export const candidates = z.object({
  members: z.array(z.object({ id: z.string(), name: z.string(), department: z.string() })),
  departments: z.array(z.object({ id: z.number().int(), name: z.string() })),
});
export type Candidates = z.infer<typeof candidates>;

/** POST /api/admin/access/grants → GrantAsked (201) */
export const grantRequest = z.strictObject({
  memberId: z.string().min(1).max(128),
  role: grantableRole,
  /** For roles that read chats; null is the whole company. */
  departmentIds: z.array(z.number().int()).min(1, "请至少选一个部门").max(50).nullable(),
  reason: approvalReason,
  acceptsRisk: z.boolean().default(false),
});
export type GrantRequest = z.infer<typeof grantRequest>;

/** POST /api/admin/access/grants/:id/revocation → GrantAsked (201) */
export const revocationRequest = z.strictObject({ reason: approvalReason });
export const grantParams = z.object({ id: z.string().min(1).max(64) });
export const grantAsked = z.object({ approvalId: z.string() });

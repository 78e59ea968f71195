import { z } from "zod";

/**
 * What somebody may do, one name each. Every route asks for one; which roles have it, and over whom, says
 * `features/access/role-table.ts`. Everything that no role has is denied.
 */
export const permissions = [
  /** One's own chats, warnings, session. Everybody in the app's scope has it. */
  "own.use",
  "case.read",
  "case.decide",
  /** Listing, reading and searching conversations, with a purpose. */
  "conversation.read",
  /** Seeing what is starred, one field at a time. */
  "field.unmask",
  /** To say yes to reading more than a few messages. */
  "reading.approve",
  /** Reading beyond one's reach for some hours. */
  "emergency.open",
  /** To say afterwards whether that was right. */
  "emergency.review",
  "rule.read",
  "rule.write",
  /** To say yes to what somebody else wrote. */
  "rule.publish",
  /** The archive's books, pulling again, items that cannot be opened. */
  "archive.operate",
  "health.read",
  "job.retry",
  "retention.read",
  "retention.change",
  "hold.change",
  "audit.read",
  "access.read",
  "access.request",
  "access.approve",
  "key.read",
  "key.operate",
  "evidence.read",
  "evidence.request",
  "evidence.approve",
  "person.destroy",
  "person.destroy.approve",
] as const;
export const permission = z.enum(permissions);
export type Permission = z.infer<typeof permission>;

/** Roles that people are given. Team leads are who leads in WeCom's directory; nobody is made one here. */
export const grantableRoles = [
  "compliance",
  "auditor",
  "system_admin",
  "security_admin",
  "data_protection_officer",
  "legal",
] as const;
export const grantableRole = z.enum(grantableRoles);
export type GrantableRole = z.infer<typeof grantableRole>;

/** Nobody is given the last one: it comes with an emergency and goes with it. */
export const role = z.enum(["salesperson", "team_lead", ...grantableRoles, "emergency_reader"]);
export type Role = z.infer<typeof role>;

/** Names of the roles, for pages and cards alike. */
export const roleNames: Record<Role, string> = {
  salesperson: "销售",
  team_lead: "主管",
  compliance: "合规专员",
  auditor: "审计员",
  system_admin: "系统管理员",
  security_admin: "安全管理员",
  data_protection_officer: "个人信息保护负责人",
  legal: "法务",
  emergency_reader: "紧急访问",
};

import type { Permission, Role } from "#shared/contract/access";

/**
 * Over whom a role has a permission: oneself; those whom one leads in WeCom; the departments that the grant names; the
 * members whom an emergency names; the whole company (also for what concerns nobody in particular, such as rules).
 */
export type Reach = "own" | "led" | "granted" | "named" | "company";

type RoleTable = Readonly<Record<Role, Readonly<Partial<Record<Permission, Reach>>>>>;

/**
 * Which role may do what; what does not stand here is denied. The three administrators hold each other in check: the
 * system's runs it, the security's says yes to rights, the auditor sees every act, and none of them reads a chat.
 */
export const roleTable: RoleTable = {
  salesperson: { "own.use": "own" },
  team_lead: {
    "case.read": "led",
    "case.decide": "led",
    "conversation.read": "led",
    "field.unmask": "led",
  },
  compliance: {
    "case.read": "granted",
    "case.decide": "granted",
    "conversation.read": "granted",
    "field.unmask": "granted",
    "rule.read": "company",
    "rule.write": "company",
    "rule.publish": "company",
    "evidence.read": "granted",
    "evidence.request": "granted",
    "emergency.open": "company",
    "emergency.review": "company",
  },
  auditor: {
    "audit.read": "company",
    "evidence.read": "company",
    "access.read": "company",
    "health.read": "company",
    "retention.read": "company",
  },
  system_admin: {
    "rule.read": "company",
    "rule.write": "company",
    "archive.operate": "company",
    "health.read": "company",
    "job.retry": "company",
    "retention.read": "company",
    "retention.change": "company",
    "hold.change": "company",
    "access.read": "company",
    "access.request": "company",
    "key.read": "company",
    "key.operate": "company",
    "person.destroy": "company",
  },
  security_admin: {
    "rule.read": "company",
    "rule.publish": "company",
    "health.read": "company",
    "retention.read": "company",
    "audit.read": "company",
    "access.read": "company",
    "access.approve": "company",
    "key.read": "company",
    "key.operate": "company",
  },
  data_protection_officer: {
    "rule.read": "company",
    "rule.publish": "company",
    "retention.read": "company",
    "retention.change": "company",
    "hold.change": "company",
    "audit.read": "company",
    "access.read": "company",
    "key.read": "company",
    "evidence.read": "company",
    "evidence.approve": "company",
    "reading.approve": "company",
    "emergency.open": "company",
    "emergency.review": "company",
    "person.destroy.approve": "company",
  },
  legal: {
    "retention.read": "company",
    "hold.change": "company",
    "evidence.read": "company",
    "evidence.request": "company",
    "evidence.approve": "company",
    "reading.approve": "company",
    "emergency.open": "company",
    "emergency.review": "company",
  },
  emergency_reader: { "conversation.read": "named" },
};

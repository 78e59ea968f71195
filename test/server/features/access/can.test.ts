import fc from "fast-check";
import { permissions, role as roleSchema } from "#shared/contract/access";
import type { Permission, Role } from "#shared/contract/access";
import { can, permissionsOf } from "../../../../server/src/features/access/can.ts";
import type {
  AccessContext,
  AccessObject,
  HeldRole,
} from "../../../../server/src/features/access/can.ts";
import { roleTable } from "../../../../server/src/features/access/role-table.ts";

const ME = "zhangwei";
const held = (role: Role): HeldRole => ({ role, departmentIds: null });

/** Everybody reaches these; nothing else is within anybody's reach. */
const context = (within: readonly string[], isDirectoryStale = false): AccessContext => ({
  isWithin: (_role, memberIds) => memberIds.some((id) => within.includes(id)),
  isDirectoryStale,
});

describe("can", () => {
  it.each<[string, Role[], Permission, AccessObject, AccessContext, string]>([
    ["a lead reads one of theirs", ["team_lead"], "case.read", of("chenli"), near(), "team_lead"],
    [
      "and of several, one is enough",
      ["team_lead"],
      "case.read",
      of("x", "chenli"),
      near(),
      "team_lead",
    ],
    ["nobody of another team", ["team_lead"], "case.read", of("xujie"), near(), "not_allowed"],
    ["what is nobody's", ["team_lead"], "case.read", of(), near(), "not_allowed"],
    [
      "nobody while the directory is old",
      ["team_lead"],
      "case.read",
      of("chenli"),
      old(),
      "directory_stale",
    ],
    [
      "nor granted departments",
      ["compliance"],
      "conversation.read",
      of("chenli"),
      old(),
      "directory_stale",
    ],
    [
      "company-wide duties go on",
      ["security_admin"],
      "access.approve",
      {},
      old(),
      "security_admin",
    ],
    ["and one's own chats", ["salesperson"], "own.use", of("chenli"), old(), "salesperson"],
    ["no role, no right", [], "own.use", {}, near(), "not_allowed"],
    [
      "an auditor reads no chat",
      ["auditor"],
      "conversation.read",
      of("chenli"),
      near(),
      "not_allowed",
    ],
    [
      "a system administrator approves no right",
      ["system_admin"],
      "access.approve",
      {},
      near(),
      "not_allowed",
    ],
    [
      "another's request",
      ["security_admin"],
      "access.approve",
      { requestedBy: "liuyang" },
      near(),
      "security_admin",
    ],
    [
      "not one's own",
      ["security_admin"],
      "access.approve",
      { requestedBy: ME },
      near(),
      "own_request",
    ],
    [
      "not one's own without the right either",
      [],
      "access.approve",
      { requestedBy: ME },
      near(),
      "own_request",
    ],
    [
      "the role that allows is named",
      ["salesperson", "auditor"],
      "audit.read",
      {},
      near(),
      "auditor",
    ],
  ])("%s", (_name, roles, permission, object, asked, expected) => {
    const decision = can({ memberId: ME, roles: roles.map(held) }, permission, object, asked);
    expect(decision.isAllowed ? decision.by.role : decision.reason).toBe(expected);
  });

  const anyRoles = fc
    .uniqueArray(fc.constantFrom(...roleSchema.options))
    .map((all) => all.map(held));
  const anyPermission = fc.constantFrom(...permissions);
  const anyIds = fc.uniqueArray(fc.constantFrom(ME, "chenli", "xujie", "liuyang"));

  it("denies what no held role has, whatever the object", () => {
    fc.assert(
      fc.property(anyRoles, anyPermission, anyIds, anyIds, (roles, permission, ids, within) => {
        const isHeld = roles.some(({ role }) => roleTable[role][permission] !== undefined);
        const object = { memberIds: ids };
        const decision = can({ memberId: ME, roles }, permission, object, context(within));
        expect(permissionsOf(roles).has(permission)).toBe(isHeld);
        if (decision.isAllowed) {
          expect(isHeld).toBe(true);
          expect(roles).toContain(decision.by);
          expect(ids.some((id) => within.includes(id))).toBe(true);
        }
      }),
    );
  });

  it("lets nobody approve what they asked for, whatever their roles", () => {
    fc.assert(
      fc.property(anyRoles, anyPermission, fc.boolean(), (roles, permission, isStale) => {
        const asked = { requestedBy: ME };
        const decision = can({ memberId: ME, roles }, permission, asked, context([ME], isStale));
        expect(decision).toEqual({ isAllowed: false, reason: "own_request" });
      }),
    );
  });

  it("allows no more with an old directory, and no less with one more role", () => {
    fc.assert(
      fc.property(anyRoles, anyPermission, anyIds, anyIds, (roles, permission, ids, within) => {
        const ask = (some: HeldRole[], isStale: boolean): boolean =>
          can(
            { memberId: ME, roles: some },
            permission,
            { memberIds: ids },
            context(within, isStale),
          ).isAllowed;
        if (ask(roles, true)) expect(ask(roles, false)).toBe(true);
        if (ask(roles.slice(1), false)) expect(ask(roles, false)).toBe(true);
      }),
    );
  });
});

describe("the role table", () => {
  const holdersOf = (permission: Permission): Role[] =>
    roleSchema.options.filter((role) => roleTable[role][permission] !== undefined);

  it("keeps the three administrators apart, and all of them from chats", () => {
    for (const role of ["system_admin", "security_admin", "auditor"] as const) {
      expect(roleTable[role]).not.toHaveProperty(["conversation.read"]);
      expect(roleTable[role]).not.toHaveProperty(["case.read"]);
    }
    expect(holdersOf("access.approve")).toEqual(["security_admin"]);
    expect(holdersOf("access.request")).not.toContain("security_admin");
    expect(Object.keys(roleTable.auditor).every((permission) => permission.endsWith(".read"))).toBe(
      true,
    );
  });

  it("gives whoever reads chats no say in rights", () => {
    for (const role of holdersOf("conversation.read")) {
      expect(holdersOf("access.approve")).not.toContain(role);
      expect(holdersOf("access.request")).not.toContain(role);
    }
  });
});

function of(...memberIds: string[]): AccessObject {
  return { memberIds };
}

function near(): AccessContext {
  return context(["chenli"]);
}

function old(): AccessContext {
  return context(["chenli"], true);
}

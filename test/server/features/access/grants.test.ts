import fc from "fast-check";
import { grantableRoles, role as roleSchema } from "#shared/contract/access";
import type { GrantableRole, Role } from "#shared/contract/access";
import type { AccessView } from "#shared/contract/grant";
import type { SessionView } from "#shared/contract/session";
import { AccessGrant } from "../../../../server/src/features/access/grant.entity.ts";
import {
  enqueueTellOfRights,
  registerGrantJobs,
} from "../../../../server/src/features/access/grants.jobs.ts";
import { addGrantRoutes } from "../../../../server/src/features/access/grants.routes.ts";
import { createGrants } from "../../../../server/src/features/access/grants.service.ts";
import type { Grants } from "../../../../server/src/features/access/grants.service.ts";
import { conflictsOf } from "../../../../server/src/features/access/separation.ts";
import { addApprovalRoutes } from "../../../../server/src/features/approvals/approvals.routes.ts";
import { createApprovals } from "../../../../server/src/features/approvals/approvals.service.ts";
import { separationCheck } from "../../../../server/src/features/health/separation-check.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import { member } from "../sign-in/fake-company.ts";
import { signIn, startPeopleWorld } from "../sign-in/people-world.ts";
import type { Browser, PeopleWorld } from "../sign-in/people-world.ts";

describe("what one person must not hold together", () => {
  const kindsOf = (roles: Role[], activeMembers = 500): string[] =>
    conflictsOf(roles, activeMembers).map(({ kind }) => kind);

  it.each<[Role[], string[]]>([
    [["system_admin"], []],
    [["compliance", "team_lead"], []],
    [["system_admin", "security_admin"], ["administrators"]],
    [["auditor", "system_admin"], ["administrators"]],
    [["auditor", "compliance"], ["auditor_acts"]],
    [["auditor", "team_lead"], ["auditor_acts"]],
    [["security_admin", "compliance"], ["reader_grants"]],
    [["system_admin", "team_lead"], ["reader_grants"]],
    [["data_protection_officer", "legal"], []],
  ])("%j: %j", (roles, expected) => {
    expect(kindsOf(["salesperson", ...roles])).toEqual(expected);
  });

  it("may be accepted where there are few people, for two roles, never with the auditor's", () => {
    const isAccepted = (roles: Role[], activeMembers: number): boolean =>
      conflictsOf(roles, activeMembers).every(({ isAcceptable }) => isAcceptable);
    expect(isAccepted(["system_admin", "security_admin"], 19)).toBe(true);
    expect(isAccepted(["system_admin", "security_admin"], 20)).toBe(false);
    expect(isAccepted(["system_admin", "security_admin", "legal"], 5)).toBe(false);
    expect(isAccepted(["system_admin", "auditor"], 5)).toBe(false);
  });

  it("does not become less with one more role", () => {
    const anyRoles = fc.uniqueArray(fc.constantFrom(...roleSchema.options));
    fc.assert(
      fc.property(anyRoles, fc.constantFrom(...roleSchema.options), (roles, more) => {
        const before = kindsOf(roles);
        expect(kindsOf([...roles, more])).toEqual(expect.arrayContaining(before));
      }),
    );
  });
});

forEachDatabase("grants", (open) => {
  let world: PeopleWorld;
  let grants: Grants;
  let admin: Browser;
  let second: Browser;
  const cards: { title: string; toMemberIds: readonly string[] }[] = [];

  const start = async (adminMemberIds: string[]): Promise<void> => {
    cards.splice(0);
    world = await startPeopleWorld(open, {
      adminMemberIds,
      addRoutes(routes, parts) {
        const approvals = createApprovals({
          ...parts,
          onRequested: () => Promise.resolve(),
          onEnded: () => Promise.resolve(),
        });
        grants = createGrants({
          ...parts,
          approvals,
          adminMemberIds,
          endSessionsOf: (tx, ids) => parts.sessions.endAllOf(tx, ids),
          onChanged: (tx, change) => enqueueTellOfRights(parts.jobs, tx, change),
        });
        addApprovalRoutes(routes, approvals);
        addGrantRoutes(routes, grants);
        registerGrantJobs({
          ...parts,
          grants,
          messages: {
            pushTextCard(card) {
              cards.push(card);
              return Promise.resolve({ messageId: null, responseCode: null, invalidMemberIds: [] });
            },
          },
        });
      },
    });
    await world.sync();
    world.jobs.start();
    admin = await world.signedIn("liuyang");
    second = await world.signedIn("zhoumin");
  };
  beforeEach(() => start(["liuyang", "zhoumin"]));
  afterEach(async () => {
    await world.jobs.stop();
    await world.stop();
  });

  const ask = (role: GrantableRole, memberId = "wuhao", more: object = {}) =>
    admin.post("/api/admin/access/grants", {
      memberId,
      role,
      departmentIds: null,
      reason: "接替离职的同事",
      ...more,
    });
  const approve = (browser: Browser, id: string) =>
    browser.post(`/api/approvals/${id}/decision`, { decision: "approved" });
  const give = async (role: GrantableRole, memberId = "wuhao", more: object = {}) => {
    const asked = await ask(role, memberId, more);
    expect(asked.status).toBe(201);
    const answer = await approve(second, (asked.body as { approvalId: string }).approvalId);
    expect(answer.status).toBe(200);
  };
  const view = async (): Promise<AccessView> =>
    (await admin.get("/api/admin/access")).body as AccessView;
  const entriesOf = async (kind: string) =>
    (
      await world.database.read.query<{ actor_id: string; details: string }[]>(
        "SELECT actor_id, details FROM ledger_entry WHERE kind = ? ORDER BY position DESC LIMIT 1",
        [kind],
      )
    )[0];
  const fieldsOf = (answer: { body: unknown }) =>
    (answer.body as { fields?: Record<string, string> }).fields;

  it("become effective with a second person's yes, end the sessions of before, and are told", async () => {
    const browser = await world.signedIn("wuhao");
    await give("compliance", "wuhao", { departmentIds: [31] });
    expect((await browser.get("/api/session")).status).toBe(401);
    await signIn(world.company, browser, "wuhao");
    const session = (await browser.get("/api/session")).body as SessionView;
    expect(session.roles).toEqual(["salesperson", "compliance"]);
    expect(session.permissions).toContain("conversation.read");
    const within = await world.access.membersWithin("wuhao", "conversation.read");
    expect(within.sort()).toEqual(["chenli", "zhangwei"]);
    expect(await world.access.grantedOver("chenli", "case.decide")).toEqual(["wuhao"]);
    expect(await world.access.grantedOver("zhoumin", "case.decide")).toEqual([]);
    expect(await world.access.grantedOver("wuhao", "case.decide")).toEqual([]);
    expect((await view()).grants).toEqual([
      expect.objectContaining({
        memberName: "吴昊",
        role: "compliance",
        departments: [{ id: 31, name: "一组" }],
        grantedByName: "周敏",
      }),
    ]);
    const entry = await entriesOf("access.granted");
    expect(entry).toMatchObject({ actor_id: "zhoumin" });
    expect(JSON.parse(entry!.details)).toMatchObject({
      member: "wuhao",
      role: "compliance",
      requestedBy: "liuyang",
    });
    await world.jobs.idle();
    expect(cards).toEqual([
      expect.objectContaining({ toMemberIds: ["wuhao"], title: "你现在是合规专员" }),
    ]);
  });

  it("are approved neither by who asks nor by whom they benefit", async () => {
    const own = (await ask("legal")).body as { approvalId: string };
    expect((await approve(admin, own.approvalId)).body).toMatchObject({ code: "own_request" });
    expect((await ask("legal", "zhoumin")).body).toMatchObject({ code: "nobody_to_approve" });
  });

  it("cannot be asked for where nobody else can say yes", async () => {
    await world.jobs.stop();
    await world.stop();
    await start(["liuyang"]);
    expect((await ask("auditor")).body).toMatchObject({ code: "nobody_to_approve" });
  });

  it("ask for a sign-in of the last five minutes", async () => {
    world.time.nowMs += 6 * 60_000;
    expect((await ask("auditor")).body).toMatchObject({ code: "step_up_needed" });
    await signIn(world.company, admin, "liuyang");
    const asked = await ask("auditor");
    expect(asked.status).toBe(201);
    const { approvalId } = asked.body as { approvalId: string };
    expect((await approve(second, approvalId)).body).toMatchObject({ code: "step_up_needed" });
    await signIn(world.company, second, "zhoumin");
    expect((await approve(second, approvalId)).status).toBe(200);
  });

  it("say what is wrong with a wish", async () => {
    expect(fieldsOf(await ask("auditor", "nobody"))).toHaveProperty("memberId");
    expect(fieldsOf(await ask("auditor", "wuhao", { departmentIds: [31] }))).toEqual({
      departmentIds: "这个角色不分部门",
    });
    expect(fieldsOf(await ask("compliance", "wuhao", { departmentIds: [99] }))).toEqual({
      departmentIds: "部门已不存在，请重新选择",
    });
    expect(fieldsOf(await ask("auditor", "wuhao", { reason: "嗯" }))).toHaveProperty("reason");
    await give("auditor");
    expect(fieldsOf(await ask("auditor"))).toEqual({ role: "已经是审计员" });
    expect((await second.get("/api/admin/access/candidates?text=陈")).body).toMatchObject({
      members: [{ id: "chenli", name: "陈丽", department: "一组" }],
    });
  });

  it("keep apart what must not come together, at the request and at the approval", async () => {
    expect(fieldsOf(await ask("auditor", "zhangwei"))).toEqual({
      role: "审计员不能再有会改动数据的角色",
    });
    // Asked for while it was still fine.
    const early = (await ask("auditor", "chenli")).body as { approvalId: string };
    await give("legal", "chenli");
    const late = await approve(second, early.approvalId);
    expect(late.status).toBe(400);
    expect(fieldsOf(late)).toEqual({ role: "审计员不能再有会改动数据的角色" });
    expect((await view()).grants).toHaveLength(1);
  });

  it("keep them apart, too, when both are approved at the same moment", async () => {
    const rounds = 12;
    for (let n = 0; n < rounds; n += 1) world.company.members.push(member(`new${n}`));
    await world.sync();
    for (let n = 0; n < rounds; n += 1) {
      const roles = n % 2 === 0 ? (["auditor", "legal"] as const) : (["legal", "auditor"] as const);
      const ids: string[] = [];
      for (const role of roles)
        ids.push(((await ask(role, `new${n}`)).body as { approvalId: string }).approvalId);
      const answers = await Promise.all(ids.map(async (id) => approve(second, id)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    }
    expect(await grants.conflicts()).toEqual([]);
    expect((await view()).grants).toHaveLength(rounds);
  });

  it("accept two administrators in one person only in a small company, by name and on record", async () => {
    await give("security_admin", "chenli");
    const third = await world.signedIn("chenli");
    expect(fieldsOf(await ask("system_admin", "chenli"))).toHaveProperty("acceptsRisk");
    // The new security administrator is the only one now, and must not decide for themselves.
    expect((await ask("system_admin", "chenli", { acceptsRisk: true })).body).toMatchObject({
      code: "nobody_to_approve",
    });
    const asked = (await ask("legal", "wuhao")).body as { approvalId: string };
    expect((await approve(third, asked.approvalId)).status).toBe(200);
    expect((await second.get("/api/admin/access")).status).toBe(200);
  });

  it("record a risk that was accepted, and call it a conflict once the company has grown", async () => {
    expect(fieldsOf(await ask("legal", "zhangwei"))).toBeUndefined();
    expect(fieldsOf(await ask("system_admin", "zhangwei"))).toEqual({
      acceptsRisk: "能看聊天内容的人不能管权限；人手不够时可以接受这个风险",
    });
    await give("system_admin", "zhangwei", { acceptsRisk: true });
    admin = second;
    expect((await view()).conflicts).toEqual([
      expect.objectContaining({ memberId: "zhangwei", kind: "reader_grants", isAccepted: true }),
    ]);
    const check = separationCheck(grants);
    expect((await check.look(0)).status).toBe("ok");
    for (let n = 0; n < 20; n += 1) world.company.members.push(member(`new${n}`));
    world.time.nowMs += 1000;
    await world.sync();
    world.time.nowMs += 5000;
    expect(await check.look(0)).toMatchObject({ status: "broken" });
    await world.database.write((tx) => world.jobs.enqueue(tx, "access.check-separation", {}));
    await world.jobs.idle();
    expect(cards.at(-1)).toMatchObject({ title: "有 1 处权限没有分开" });
  });

  it("are revoked with a second person's yes, at once", async () => {
    await give("auditor");
    const browser = await world.signedIn("wuhao");
    const [grant] = (await view()).grants;
    const asked = await admin.post(`/api/admin/access/grants/${grant!.id}/revocation`, {
      reason: "换了岗位",
    });
    expect((await browser.get("/api/admin/access")).status).toBe(200);
    await approve(second, (asked.body as { approvalId: string }).approvalId);
    expect((await browser.get("/api/session")).status).toBe(401);
    expect((await view()).grants).toEqual([]);
    expect(JSON.parse((await entriesOf("access.revoked"))!.details)).toMatchObject({
      member: "wuhao",
      because: "revoked",
    });
    await world.jobs.idle();
    expect(cards.at(-1)).toMatchObject({ title: "你不再是审计员" });
  });

  it("take the place of what was suspended", async () => {
    await give("legal");
    await world.database.write((tx) =>
      tx.update(AccessGrant, { memberId: "wuhao" }, { state: "suspended" }),
    );
    await give("legal");
    const states = await world.database.read.findBy(AccessGrant, { memberId: "wuhao" });
    expect(states.map(({ state }) => state).sort()).toEqual(["active", "revoked"]);
  });

  it("end with the sync, or the callback, that says that somebody has left", async () => {
    await give("auditor");
    await give("legal", "chenli");
    world.company.members = world.company.members.filter(({ userid }) => userid !== "wuhao");
    world.time.nowMs += 1000;
    await world.sync();
    const stateOf = async (memberId: string) =>
      (await world.database.read.findOneByOrFail(AccessGrant, { memberId })).state;
    expect(await stateOf("wuhao")).toBe("revoked");
    expect(await stateOf("chenli")).toBe("active");
    expect(await entriesOf("access.revoked")).toMatchObject({ actor_id: "system" });
    await world.database.write((tx) => world.members.deactivate(tx, "chenli"));
    expect(await stateOf("chenli")).toBe("revoked");
  });

  it("wait to be looked at again when the holder moves, and are kept by the security administrator", async () => {
    await give("compliance", "wuhao", { departmentIds: [31] });
    world.company.members.find(({ userid }) => userid === "wuhao")!.department = [3];
    await world.sync();
    const [grant] = (await view()).grants;
    expect(grant!.flaggedAtMs).toBe(world.time.nowMs);
    expect((await second.post(`/api/admin/access/grants/${grant!.id}/keep`)).status).toBe(204);
    expect((await view()).grants[0]!.flaggedAtMs).toBeNull();
  });

  it("let the administrators of the settings go as soon as others are appointed", async () => {
    expect((await view()).founders.map(({ roles }) => roles)).toEqual([
      ["system_admin", "security_admin"],
      ["system_admin", "security_admin"],
    ]);
    await give("security_admin", "chenli");
    expect(await world.access.holdersOf("access.approve")).toEqual(["chenli"]);
    expect((await view()).founders.map(({ roles }) => roles)).toEqual([
      ["system_admin"],
      ["system_admin"],
    ]);
    expect(grantableRoles).toContain("auditor");
  });
});

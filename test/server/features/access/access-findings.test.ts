import type { Findings } from "#shared/contract/access-findings";
import { permissions } from "#shared/contract/access";
import type { GrantableRole } from "#shared/contract/access";
import { nameOfPermission } from "#shared/permission-names";
import { composeAccessReview } from "../../../../server/src/compose/access-review.ts";
import { AccessGrant } from "../../../../server/src/features/access/grant.entity.ts";
import { addGrantRoutes } from "../../../../server/src/features/access/grants.routes.ts";
import { createGrants } from "../../../../server/src/features/access/grants.service.ts";
import { createApprovals } from "../../../../server/src/features/approvals/approvals.service.ts";
import {
  ReadingRow,
  ReadingSubject,
} from "../../../../server/src/features/reading/reading.entity.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import { startPeopleWorld } from "../sign-in/people-world.ts";
import type { Browser, PeopleWorld } from "../sign-in/people-world.ts";

const DAY_MS = 24 * 3600_000;

test("every permission has a name", () => {
  expect(permissions.filter((one) => nameOfPermission(one) === one)).toEqual([]);
});

forEachDatabase("rights to look at", (open) => {
  let world: PeopleWorld;
  let admin: Browser;

  beforeEach(async () => {
    world = await startPeopleWorld(open, {
      adminMemberIds: ["liuyang"],
      addRoutes(routes, parts) {
        const approvals = createApprovals({
          ...parts,
          onRequested: () => Promise.resolve(),
          onEnded: () => Promise.resolve(),
        });
        const grants = createGrants({
          ...parts,
          approvals,
          adminMemberIds: ["liuyang"],
          endSessionsOf: (tx, ids) => parts.sessions.endAllOf(tx, ids),
          onChanged: () => Promise.resolve(),
        });
        addGrantRoutes(routes, grants);
        composeAccessReview(parts, {
          ...parts,
          approvals,
          conflicts: () => grants.conflicts(),
          messages: { pushTextCard: () => Promise.reject(new Error("nobody is told")) },
        }).addRoutes(routes);
      },
    });
    await world.database.write((tx) => tx.query("DELETE FROM permission_use"));
    await world.sync();
    admin = await world.signedIn("liuyang");
  });
  afterEach(() => world.stop());

  async function give(
    memberId: string,
    role: GrantableRole,
    departmentIds: number[] | null = null,
  ) {
    await world.database.write((tx) =>
      tx.insert(AccessGrant, {
        id: `${memberId}-${role}`,
        memberId,
        role,
        departmentIds,
        state: "active",
        grantedBy: "liuyang",
        grantedAtMs: world.time.nowMs,
        endedAtMs: null,
        acceptedRisk: false,
        flaggedAtMs: null,
      }),
    );
  }
  const look = async (days = 90): Promise<Findings> =>
    (await admin.get(`/api/admin/access/findings?days=${days}`)).body as Findings;
  const kindsOf = ({ findings }: Findings) =>
    findings.map(({ kind, memberId }) => `${kind} ${memberId}`).sort();
  async function passDays(days: number): Promise<void> {
    world.time.nowMs += days * DAY_MS;
    await world.sync();
    admin = await world.signedIn("liuyang");
  }

  it("call nothing unused before they have watched long enough", async () => {
    await give("wuhao", "legal");
    expect(await look()).toMatchObject({ findings: [], isLongEnough: false });
    await passDays(29);
    expect((await look(30)).isLongEnough).toBe(false);
    await passDays(2);
    const { sinceMs, ...found } = await look(30);
    expect(sinceMs).toBeLessThan(world.time.nowMs - 30 * DAY_MS);
    expect(kindsOf({ sinceMs, ...found })).toEqual(["dormant wuhao"]);
    expect(await look(90)).toMatchObject({ findings: [], isLongEnough: false });
  });

  it("find who does nothing with a right, and who only looks", async () => {
    await give("wuhao", "legal");
    await give("chenli", "security_admin");
    await look();
    await passDays(91);
    await give("zhangwei", "legal");
    const looking = await world.signedIn("chenli");
    expect((await looking.get("/api/admin/access")).status).toBe(200);
    const found = await look();
    expect(kindsOf(found)).toEqual(["dormant wuhao", "unused chenli"]);
    expect(found.findings.find(({ kind }) => kind === "unused")!.detail).toContain("审批权限");
    expect(found.findings.find(({ kind }) => kind === "dormant")).toMatchObject({
      memberName: "吴昊",
      roles: [{ role: "legal", grantId: "wuhao-legal" }],
      state: "open",
    });
    // Saying yes or no is a use, wherever it is done.
    await world.database.write((tx) =>
      tx.query(
        "INSERT INTO approval (id, kind, object_id, payload, reason, state, requested_by, requested_at_ms, expires_at_ms, decided_by, decided_at_ms) VALUES ('a', 'access.grant', 'x', '{}', '', 'approved', 'liuyang', 1, 2, 'chenli', ?)",
        [world.time.nowMs],
      ),
    );
    expect(kindsOf(await look())).toEqual(["dormant wuhao"]);
  });

  it("find reach beyond those whom one leads and sits beside, and how much of it is used", async () => {
    await give("chenli", "compliance", [31]);
    await give("wuhao", "compliance");
    expect(kindsOf(await look())).toEqual(["wide wuhao"]);
    const [wide] = (await look()).findings;
    expect(wide!.detail).toBe(
      "能看 4 人的聊天，其中 2 人不在本人所在或所带的部门；近 90 天看过其中 0 人。",
    );
    await world.database.write(async (tx) => {
      const startedAtMs = world.time.nowMs;
      const reading = { kind: "search", conversationId: null, search: null } as const;
      const purpose = Buffer.from("-");
      await tx.insert(ReadingRow, { id: "r", readerId: "wuhao", purpose, startedAtMs, ...reading });
      await tx.insert(ReadingSubject, { memberId: "zhoumin", startedAtMs, readingId: "r" });
    });
    expect((await look()).findings[0]!.detail).toContain("看过其中 1 人");
  });

  it("say what should not be in one hand, and what has been asked back", async () => {
    await give("liuyang", "system_admin");
    await give("chenli", "auditor");
    await give("chenli", "legal");
    await give("wuhao", "security_admin");
    const [conflict] = (await look()).findings;
    expect(conflict).toMatchObject({ kind: "conflict", memberId: "chenli", state: "open" });
    expect(conflict!.roles.map(({ grantId }) => grantId)).toEqual([
      "chenli-auditor",
      "chenli-legal",
    ]);
    const asked = await admin.post("/api/admin/access/grants/chenli-legal/revocation", {
      reason: "=不能兼任",
    });
    expect(asked.status).toBe(201);
    expect((await look()).findings[0]).toMatchObject({ state: "asked" });
    const file = await admin.get("/api/admin/access/findings.csv");
    expect(file.headers["content-type"]).toContain("text/csv");
    expect(file.text).toContain('"职责冲突","陈丽","chenli","审计员、法务"');
    expect(file.text).toContain("未列出长期未用的权限");
  });

  it("are shown to nobody without the right to see them", async () => {
    const nobody = await world.signedIn("chenli");
    expect((await nobody.get("/api/admin/access/findings")).status).toBe(403);
    expect((await admin.get("/api/admin/access/findings?days=7")).status).toBe(400);
  });
});

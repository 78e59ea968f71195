import { grantableRoles, role as roleSchema } from "#shared/contract/access";
import type { Role } from "#shared/contract/access";
import { AccessGrant } from "../../../server/src/features/access/grant.entity.ts";
import type { Company, Member } from "../../simulator/company/model.ts";
import { smallCompany } from "../../simulator/testing/small-company.ts";
import { countRows, settle, VIOLATION } from "../../support/main-job-world.ts";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import { forEachDatabase } from "../../support/test-database.ts";
import { signIn } from "../../support/web-client.ts";
import type { WebClient } from "../../support/web-client.ts";
import { permissionTable } from "./permission-table.ts";
import type { ObjectKind, Row } from "./permission-table.ts";

/** Who plays which role. All of them and their lead's team sit in department 3; xujie's team in 4 leads nobody here. */
const players: Record<Role, string> = {
  salesperson: "chenli",
  team_lead: "zhangwei",
  compliance: "heyan",
  auditor: "suntao",
  system_admin: "liuyang",
  security_admin: "wanglei",
  data_protection_officer: "zhaomin",
  legal: "qianxin",
  emergency_reader: "guojing",
};
/** Whose chats are the team's and another team's; one's own are the player's. */
const owners = { team: "sunhao", other: "xujie" };
type Whose = "own" | "team" | "other";
const whose: readonly Whose[] = ["own", "team", "other"];

const customerOf = (memberId: string): string => `wm${memberId.padEnd(30, "0")}`;

forEachDatabase("every route, every role, one's own, the team's, another team's", (open) => {
  let company: RunningCompany;
  const clients = new Map<Role, WebClient>();
  const cases = new Map<string, string>();
  const conversations = new Map<string, string>();
  /** One of each who may read, of a chat of the team. */
  const readings = new Map<string, string>();

  beforeAll(async () => {
    company = await startCompany({ company: everybodyChats(), databaseUrl: open.url() });
    await settle(company);
    await grantRoles();
    await openEmergency();
    for (const role of roleSchema.options)
      clients.set(role, await signIn(company.twin, players[role]));
    const rows = await company.product.database.read.query<Record<string, string>[]>(
      "SELECT id, member_id, conversation_id FROM supervision_case",
    );
    for (const row of rows) {
      cases.set(row["member_id"]!, row["id"]!);
      conversations.set(row["member_id"]!, row["conversation_id"]!);
    }
    for (const role of ["team_lead", "compliance", "emergency_reader"] as const) {
      const { body } = await clients.get(role)!.post<{ id: string }>("/api/manager/readings", {
        conversationId: conversations.get(owners.team),
        purpose: "核对投诉的经过",
      });
      readings.set(players[role], body.id);
    }
  });
  afterAll(() => company.close());
  // What one role has decided waits for the next one again.
  beforeEach(() =>
    company.product.database.write((tx) => tx.query("UPDATE supervision_case SET state = 'open'")),
  );

  async function grantRoles(): Promise<void> {
    await company.product.database.write(async (tx) => {
      for (const role of grantableRoles)
        await tx.insert(AccessGrant, {
          id: role,
          memberId: players[role],
          role,
          departmentIds: role === "compliance" ? [3] : null,
          state: "active",
          grantedBy: "test",
          grantedAtMs: Date.now(),
          endedAtMs: null,
          acceptedRisk: false,
          flaggedAtMs: null,
        });
    });
  }

  /** The role of an emergency comes with one: opened by somebody who may, and has no other role afterwards. */
  async function openEmergency(): Promise<void> {
    const { database } = company.product;
    const id = "for a moment";
    const legal = {
      role: "legal",
      departmentIds: null,
      state: "active",
      grantedBy: "test",
    } as const;
    const grant = { ...legal, grantedAtMs: Date.now(), endedAtMs: null, acceptedRisk: false };
    const memberId = players.emergency_reader;
    await database.write((tx) =>
      tx.insert(AccessGrant, { id, memberId, ...grant, flaggedAtMs: null }),
    );
    const client = await signIn(company.twin, memberId);
    const { status } = await client.post("/api/emergencies", {
      cause: "incident",
      memberIds: [owners.team],
      hours: 4,
      reason: "有人正在冒充客户套取报价，需要立即核对聊天内容",
    });
    expect(status).toBe(201);
    await database.write((tx) => tx.delete(AccessGrant, { id }));
  }

  /** The object of that kind which is the player's own, the team's, or another team's. */
  function idOf(kind: ObjectKind, role: Role, which: Whose): string {
    const owner = which === "own" ? players[role] : owners[which];
    switch (kind) {
      case "case":
        return cases.get(owner) ?? "";
      case "conversation":
        return conversations.get(owner) ?? "";
      case "customer":
        return customerOf(owner);
      case "reading":
        // A reading is its reader's; those of others stand for the team's and another team's.
        return which === "own"
          ? (readings.get(owner) ?? readings.get("zhangwei")!)
          : readings.get(players[role === "team_lead" ? "compliance" : "team_lead"])!;
    }
  }

  /** The status and the text of an answer; one that stays open is let go. */
  async function call(client: WebClient | null, route: string, row: Row, id: string) {
    const [method = "", path = ""] = route.split(" ");
    const address = path.replaceAll(/:\w+/g, () => encodeURIComponent(id));
    const init =
      method === "get"
        ? {}
        : {
            method: method.toUpperCase(),
            headers: { "x-requested-with": "wecom-guard", "content-type": "application/json" },
            body: JSON.stringify(row.body?.(id) ?? {}),
          };
    const answer = await (client
      ? client.send(address, init)
      : fetch(`${company.twin.gatewayUrl}${address}`, init));
    if (answer.headers.get("content-type")?.includes("event-stream")) {
      await answer.body?.cancel();
      return { status: answer.status, text: "" };
    }
    return { status: answer.status, text: await answer.text() };
  }

  const isOpen = ({ reach }: Row, which: Whose): boolean => reach === undefined || reach === which;

  /** What is wrong with the answer; undefined when it is as the table says. */
  function problemOf(row: Row, role: Role, which: Whose, answer: { status: number; text: string }) {
    const { status, text } = answer;
    if (!row.roles.includes(role)) return status === 403 ? undefined : `${status} for 403`;
    if ([401, 403].includes(status) || status >= 500) return `${status} for an answer`;
    if (!row.object) return undefined;
    if (row.isList === true) {
      const isListed = text.includes(`"${idOf(row.object, role, which)}"`);
      return isListed === isOpen(row, which) ? undefined : `${isListed ? "" : "not "}in the list`;
    }
    const isFound = status !== 404;
    return isFound === isOpen(row, which) ? undefined : `${status}, but open is ${!isFound}`;
  }

  it("has a row for every route, and a route for every row", () => {
    const routes = company.product.routes.table.map(({ method, path }) => `${method} ${path}`);
    expect(Object.keys(permissionTable).sort()).toEqual(routes.sort());
  });

  it("has the objects that it tries", async () => {
    for (const owner of [...Object.values(players), ...Object.values(owners)])
      expect(`${owner}:${cases.has(owner)}`).toBe(`${owner}:true`);
    expect(await countRows(company, "access_grant")).toBe(grantableRoles.length);
  });

  const walked = Object.entries(permissionTable).filter(
    ([route]) => !route.endsWith("session/end"),
  );
  it.each(roleSchema.options)("lets a %s do what the table says and nothing else", async (role) => {
    const wrong: string[] = [];
    for (const [route, row] of walked) {
      for (const which of row.object ? whose : (["own"] as const)) {
        const id = row.object ? idOf(row.object, role, which) : "unknown";
        const problem = problemOf(row, role, which, await call(clients.get(role)!, route, row, id));
        if (problem !== undefined) wrong.push(`${route}, ${which}: ${problem}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("lets nobody in without a session, and everybody end their own", async () => {
    const wrong: string[] = [];
    for (const [route, row] of Object.entries(permissionTable)) {
      const { status } = await call(null, route, row, "unknown");
      if (status !== 401) wrong.push(`${route}: ${status}`);
    }
    expect(wrong).toEqual([]);
    for (const client of clients.values()) {
      expect((await client.post("/api/session/end")).status).toBe(204);
      expect((await client.get("/api/session")).status).toBe(401);
    }
  });
});

/** Everybody has a customer to whom they said what breaks a rule. */
function everybodyChats(): Company {
  const base = smallCompany();
  const ids = [...new Set([...Object.values(players), ...Object.values(owners)])];
  return {
    ...base,
    departments: [
      { id: 1, name: "总公司", parentId: 0, leaderIds: [] },
      { id: 3, name: "一组", parentId: 1, leaderIds: ["zhangwei"] },
      { id: 4, name: "二组", parentId: 1, leaderIds: [] },
    ],
    members: ids.map((id) => member(id, id === owners.other ? 4 : 3)),
    customers: ids.map((id) => ({
      id: customerOf(id),
      name: `客户${id}`,
      type: 1,
      gender: 2,
      follows: [
        {
          memberId: id,
          remark: "",
          description: "",
          tags: [],
          addWay: 1,
          createdAgoMs: 3600_000,
          mobiles: [],
        },
      ],
      consent: "Agree",
    })),
    rooms: [],
    conversations: ids.map((id) => ({
      kind: "single",
      memberId: id,
      customerId: customerOf(id),
      messages: [{ fromId: id, text: VIOLATION, agoMs: 60_000, kind: "text" }],
    })),
  };
}

function member(id: string, departmentId: number): Member {
  return {
    id,
    name: `姓名${id}`,
    departmentIds: [departmentId],
    position: "销售",
    isLeader: id === players.team_lead,
    directLeaderIds: [],
    gender: 2,
    mobile: "",
  };
}

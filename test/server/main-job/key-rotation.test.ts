import type { UndecodableList } from "#shared/contract/health";
import { eventually } from "../../support/eventually.ts";
import {
  archivedHashes,
  cardsOf,
  cardWith,
  casesOf,
  caseWith,
  CHAT,
  countRows,
  healthLine,
  settle,
  storedHashes,
  twoTeams,
  VIOLATION,
} from "../../support/main-job-world.ts";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import { forEachDatabase } from "../../support/test-database.ts";
import { signIn } from "../../support/web-client.ts";
import type { WebClient } from "../../support/web-client.ts";

forEachDatabase("a new key of the archive", (open) => {
  let company: RunningCompany;
  let manager: WebClient;
  let admin: WebClient;

  beforeAll(async () => {
    company = await startCompany({
      company: twoTeams(),
      databaseUrl: open.url(),
      notifyIntervalMs: 20,
    });
    await settle(company);
    manager = await signIn(company.twin, "zhangwei");
    admin = await signIn(company.twin, "liuyang");
  });
  afterAll(() => company.close());

  const say = (text: string) =>
    company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text });
  const listUndecodable = async () =>
    (await admin.get<UndecodableList>("/api/admin/archive/undecodable")).body;

  it("that is in the folder in time is used without a restart", async () => {
    company.twin.rotateArchiveKey({ deliver: true });
    say(`${VIOLATION}，新钥匙`);
    await cardWith(company.twin, "zhangwei", "新钥匙");
    expect(await healthLine(admin, "undecodable")).toMatchObject({ status: "ok" });
    expect(await healthLine(admin, "archive-keys")).toMatchObject({ detail: "可用版本 1、2。" });
  });

  it("that is missing stops nothing: the item is kept, the cursor goes on, the health page says so", async () => {
    const version = company.twin.rotateArchiveKey({ deliver: false });
    say(`${VIOLATION}，缺钥匙`);
    say("这句也打不开");
    await settle(company);
    expect(await listUndecodable()).toMatchObject({
      total: 2,
      items: [1, 2].map(() => ({ keyVersion: version, reason: "unknown_key_version" })),
    });
    const line = await healthLine(admin, "undecodable");
    expect(line.status).toBe("attention");
    expect(line.detail).toMatch(/^缺少第 \d+ 版私钥，2 条在等。/);
    expect(await healthLine(admin, "archive")).toMatchObject({ status: "ok" });
    expect(await casesOf(manager)).toHaveLength(1);
  });

  it("that arrives late brings message, hits, case and card, once", async () => {
    company.twin.deliverArchiveKeys();
    await cardWith(company.twin, "zhangwei", "缺钥匙");
    await settle(company);
    expect(await caseWith(manager, "缺钥匙")).toMatchObject({ memberId: "chenli" });
    await eventually(
      () => healthLine(admin, "undecodable"),
      ({ status }) => status === "ok",
    );
    expect(await listUndecodable()).toEqual({ total: 0, items: [] });
    expect(await storedHashes(company)).toEqual(archivedHashes(company.twin));
    expect(await countRows(company, "hit")).toBe(4);
    expect(cardsOf(company.twin, "zhangwei")).toHaveLength(2);
  });

  it("does not help an item that is garbage: it is kept and told of, and what follows it is stored", async () => {
    for (const corruption of ["unknown_key", "bad_random_key", "bad_body"] as const) {
      company.twin.addCorruptItem(corruption);
    }
    say(`${VIOLATION}，垃圾之后`);
    await cardWith(company.twin, "zhangwei", "垃圾之后");
    await settle(company);
    const { items, total } = await listUndecodable();
    expect(total).toBe(3);
    expect(items.filter(({ reason }) => reason === "unknown_key_version")).toHaveLength(1);
    const { status, body } = await admin.post("/api/admin/archive/undecodable/retry");
    expect([status, body]).toEqual([200, { resolved: 0, remaining: 3 }]);
    expect(await storedHashes(company)).toEqual(archivedHashes(company.twin));
  });
});

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CUSTOMER } from "../../simulator/testing/small-company.ts";
import { eventually } from "../../support/eventually.ts";
import {
  cardWith,
  CHAT,
  countRows,
  healthLine,
  settle,
  twoTeams,
  VIOLATION,
} from "../../support/main-job-world.ts";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import { forEachDatabase } from "../../support/test-database.ts";
import { findInTables } from "../../support/traces.ts";
import { signIn } from "../../support/web-client.ts";

forEachDatabase("a start without the vault key", (open) => {
  let company: RunningCompany;
  beforeAll(async () => {
    company = await startCompany({
      company: twoTeams(),
      databaseUrl: open.url(),
      notifyIntervalMs: 20,
    });
    await settle(company);
  });
  afterAll(() => company.close());

  it("takes callbacks, opens nothing, says why, and goes on once the key is back", async () => {
    const { twin, dataDir } = company;
    const keyFile = join(dataDir, "vault.key");
    const hidden = `${keyFile}.hidden`;
    await company.stop();
    renameSync(keyFile, hidden);
    const sealed = await company.startAnother();
    twin.setApp(sealed.appUrl);

    // WeCom's own delivery is acknowledged, and kept as WeCom encrypted it.
    const event = "canaryOfSealedStart";
    const xml = twin.formatEvent("sys", { Event: "enter_agent", EventKey: event });
    const before = await countRows(sealed, "inbox");
    await twin.deliverCallback("app", xml);
    await twin.deliverCallback("app", xml);
    expect(await countRows(sealed, "inbox")).toBe(before);
    expect(await countRows(sealed, "held_callback")).toBeGreaterThanOrEqual(1);
    expect(await findInTables(sealed.product.database, [event])).toEqual([]);

    // An administrator comes in and reads why; content is refused with the reason.
    const admin = await signIn(twin, "liuyang");
    expect(await healthLine(admin, "vault")).toMatchObject({
      status: "broken",
      detail: expect.stringContaining("没有找到数据密钥"),
    });
    const answer = await (await signIn(twin, "chenli")).get(`/api/sidebar/customers/${CUSTOMER}`);
    expect(answer).toMatchObject({ status: 503, body: { code: "vault_sealed" } });
    twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text: `${VIOLATION} 锁着时说的` });

    // A key that is another database's opens nothing.
    writeFileSync(keyFile, `${"ab".repeat(32)}\n`);
    await eventually(
      () => healthLine(admin, "vault"),
      ({ detail }) => detail.includes("不是这个数据库的"),
    );
    renameSync(hidden, keyFile);
    expect(readFileSync(keyFile, "utf8")).toHaveLength(65);
    await eventually(
      () => countRows(sealed, "held_callback"),
      (held) => held === 0,
      20_000,
    );
    expect(await countRows(sealed, "inbox")).toBeGreaterThan(before);
    await cardWith(twin, "zhangwei", "锁着时说的");
    expect(await healthLine(admin, "vault")).toMatchObject({ status: "ok" });
  });
});

import { randomBytes } from "node:crypto";
import type { Database } from "../../../server/src/platform/database/database.ts";
import { DataKey } from "../../../server/src/platform/vault/data-key.entity.ts";
import { createVault } from "../../../server/src/platform/vault/vault.ts";
import { createSharedTokens } from "../../../server/src/wecom/access-tokens.ts";
import type { FreshToken, SharedTokens } from "../../../server/src/wecom/access-tokens.ts";
import { WecomError } from "../../../server/src/wecom/wecom-error.ts";
import { WecomToken } from "../../../server/src/wecom/wecom-token.entity.ts";
import { forEachDatabase } from "../../support/test-database.ts";

const HOUR_MS = 3_600_000;
const kek = { id: "0123456789abcdef", key: randomBytes(32) };

forEachDatabase("shared tokens", (open) => {
  let databases: Database[] = [];
  const clock = { atMs: Date.now(), now: () => clock.atMs };
  /** Two processes on one database, each with its own connection, cache and vault. */
  let one: SharedTokens;
  let two: SharedTokens;
  let fetched: number;
  let underWay: number;
  let mostUnderWay: number;

  beforeAll(async () => {
    databases = [await open([WecomToken, DataKey]), await open([WecomToken, DataKey])];
  });

  beforeEach(async () => {
    await databases[0]!.write((tx) => tx.query("DELETE FROM wecom_token"));
    clock.atMs = Date.now();
    fetched = underWay = mostUnderWay = 0;
    [one, two] = databases.map((database) =>
      createSharedTokens({ database, vault: createVault(database, kek, clock), clock, pollMs: 5 }),
    ) as [SharedTokens, SharedTokens];
  });

  /** Takes a few turns of the loop, so that whoever does not wait shows. */
  const load = async (): Promise<FreshToken> => {
    underWay += 1;
    mostUnderWay = Math.max(mostUnderWay, underWay);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    underWay -= 1;
    fetched += 1;
    return { value: `T${fetched}`, lifetimeMs: 2 * HOUR_MS };
  };

  it("fifty callers at once fetch one token", async () => {
    const tokens = await Promise.all(Array.from({ length: 50 }, () => one.get("token:app", load)));
    expect(new Set(tokens)).toEqual(new Set(["T1"]));
    expect(fetched).toBe(1);
  });

  it("fifty refusals at once cause one refresh", async () => {
    await one.get("token:app", load);
    const tokens = await Promise.all(
      Array.from({ length: 50 }, () => one.refreshAfter("token:app", "T1", load)),
    );
    expect(new Set(tokens)).toEqual(new Set(["T2"]));
    expect(await one.refreshAfter("token:app", "T1", load)).toBe("T2");
    expect(fetched).toBe(2);
  });

  it("two processes fetch one token between them", async () => {
    const tokens = await Promise.all([one.get("token:app", load), two.get("token:app", load)]);
    expect(tokens).toEqual(["T1", "T1"]);
    expect(fetched).toBe(1);
  });

  it("fifty refusals in each of two processes cause one refresh", async () => {
    await Promise.all([one.get("token:app", load), two.get("token:app", load)]);
    const refusals = [one, two].flatMap((tokens) =>
      Array.from({ length: 50 }, () => tokens.refreshAfter("token:app", "T1", load)),
    );
    expect(new Set(await Promise.all(refusals))).toEqual(new Set(["T2"]));
    expect(fetched).toBe(2);
    expect(mostUnderWay).toBe(1);
  });

  it("a process that comes later takes the stored token", async () => {
    await one.get("ticket:corp", load);
    expect(await two.get("ticket:corp", load)).toBe("T1");
    expect(fetched).toBe(1);
  });

  it("names are fetched apart", async () => {
    await one.get("token:app", load);
    expect(await one.get("token:archive", load)).toBe("T2");
  });

  it("renews five minutes before the end, not earlier", async () => {
    await one.get("token:app", load);
    clock.atMs += 2 * HOUR_MS - 301_000;
    expect(await one.get("token:app", load)).toBe("T1");
    clock.atMs += 2_000;
    expect(await one.get("token:app", load)).toBe("T2");
  });

  it("keeps the old token while it works and its renewal fails", async () => {
    await one.get("token:app", load);
    clock.atMs += 2 * HOUR_MS - 100_000;
    const fail = () => Promise.reject(new WecomError(-1, "/gettoken"));
    expect(await one.get("token:app", fail)).toBe("T1");
    clock.atMs += 100_000;
    await expect(one.get("token:app", fail)).rejects.toMatchObject({ errcode: -1 });
  });

  it("does not ask on every call when WeCom hands out the old token until its end", async () => {
    const same = (): Promise<FreshToken> => {
      fetched += 1;
      return Promise.resolve({ value: "same", lifetimeMs: 200_000 });
    };
    for (let calls = 0; calls < 10; calls += 1) await one.get("token:app", same);
    expect(fetched).toBe(1);
  });

  it("a failed fetch reaches every caller, and the next call tries again", async () => {
    const fail = () => Promise.reject(new WecomError(60020, "/gettoken"));
    const results = await Promise.allSettled([
      one.get("token:app", fail),
      one.get("token:app", fail),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await two.get("token:app", load)).toBe("T1");
  });

  it("a wrong secret is not tried again for a minute", async () => {
    let tries = 0;
    const refuse = () => {
      tries += 1;
      return Promise.reject(new WecomError(40001, "/gettoken"));
    };
    await expect(one.get("token:app", refuse)).rejects.toMatchObject({ errcode: 40001 });
    await expect(one.get("token:app", refuse)).rejects.toMatchObject({ errcode: 40001 });
    expect(tries).toBe(1);
    clock.atMs += 61_000;
    expect(await one.get("token:app", load)).toBe("T1");
  });

  it("takes over from a process that died while it refreshed", async () => {
    await databases[0]!.write(async (tx) => {
      const lapsed = (await databases[0]!.nowMs(tx)) - 1;
      await tx.query(
        `INSERT INTO wecom_token (name, expires_at_ms, refreshing_until_ms, refresher) VALUES ('token:app', 0, ${lapsed}, 'dead')`,
      );
    });
    expect(await one.get("token:app", load)).toBe("T1");
  });

  it("waits for the lease of a process that refreshes", async () => {
    await databases[0]!.write(async (tx) => {
      const soon = (await databases[0]!.nowMs(tx)) + 150;
      await tx.query(
        `INSERT INTO wecom_token (name, expires_at_ms, refreshing_until_ms, refresher) VALUES ('token:app', 0, ${soon}, 'other')`,
      );
    });
    const startedAtMs = await databases[0]!.nowMs();
    expect(await one.get("token:app", load)).toBe("T1");
    expect((await databases[0]!.nowMs()) - startedAtMs).toBeGreaterThan(100);
  });

  it("the token stands sealed in the table", async () => {
    await one.get("token:app", () =>
      Promise.resolve({ value: "canary-token", lifetimeMs: HOUR_MS }),
    );
    const row = await databases[0]!.read.findOneByOrFail(WecomToken, { name: "token:app" });
    expect(row.token!.includes("canary-token")).toBe(false);
    expect(row.refreshingUntilMs).toBe(0);
  });
});

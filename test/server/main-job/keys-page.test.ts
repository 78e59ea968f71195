import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KeysView } from "#shared/contract/keys";
import type { HealthView } from "#shared/contract/health";
import { settle, twoTeams } from "../../support/main-job-world.ts";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import { forEachDatabase } from "../../support/test-database.ts";
import { findInTables } from "../../support/traces.ts";
import { signIn } from "../../support/web-client.ts";
import type { WebClient } from "../../support/web-client.ts";

const YEAR_MS = 366 * 24 * 3600_000;

forEachDatabase("keys and their ages", (open) => {
  let company: RunningCompany;
  let admin: WebClient;

  beforeAll(async () => {
    company = await startCompany({ company: twoTeams(), databaseUrl: open.url() });
    await settle(company);
    admin = await signIn(company.twin, "liuyang");
  });
  afterAll(() => company.close());

  const view = async (): Promise<KeysView> => {
    const { status, body } = await admin.get<KeysView>("/api/admin/keys");
    expect(status).toBe(200);
    return body;
  };
  const entries = () =>
    company.product.database.read.query<{ kind: string; object_id: string }[]>(
      "SELECT kind, object_id FROM ledger_entry WHERE kind LIKE 'key.%' ORDER BY position",
    );
  const health = async () =>
    (await admin.get<HealthView>("/api/admin/health")).body.lines.find(
      ({ id }) => id === "key_age",
    );

  it("are shown by name, and put on record once", async () => {
    const first = await view();
    expect(first.vaultSource).toBe("file");
    expect(first.keys.map(({ id, state, isOld }) => [id, state, isOld])).toEqual([
      [expect.stringMatching(/^vault:[0-9a-f]{16}$/), "current", false],
      ["archive:1", "current", false],
      ["callback:app", null, false],
      ["callback:archive", null, false],
      ["callback:contacts", null, false],
      ["secret:app", null, false],
      ["secret:archive", null, false],
      ["secret:contacts", null, false],
    ]);
    const before = await entries();
    expect(before).toHaveLength(first.keys.length - 1);
    expect((await view()).keys).toEqual(first.keys);
    expect(await entries()).toEqual(before);
  });

  it("grow old, and begin anew when they are changed", async () => {
    await company.product.database.write((tx) =>
      tx.query("UPDATE key_age SET since_ms = since_ms - ?", [YEAR_MS]),
    );
    expect((await view()).keys.filter(({ isOld }) => isOld)).toHaveLength(7);
    expect(await health()).toMatchObject({ status: "attention" });

    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const dir = company.twin.settings()["WECOM_ARCHIVE_KEYS_DIR"] ?? "";
    writeFileSync(join(dir, "2.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
    const pairs = (await view()).keys.filter(({ kind }) => kind === "archive");
    expect(pairs.map(({ id, state, isOld }) => [id, state, isOld])).toEqual([
      ["archive:2", "current", false],
      ["archive:1", "retiring", false],
    ]);
    const changed = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    writeFileSync(join(dir, "2.pem"), changed.export({ type: "pkcs1", format: "pem" }));
    await view();
    expect((await entries()).slice(-2)).toEqual([
      { kind: "key.seen", object_id: "archive:2" },
      { kind: "key.changed", object_id: "archive:2" },
    ]);
  });

  it("stand nowhere in the database", async () => {
    const secrets = Object.entries(company.twin.settings())
      .filter(([name]) => /SECRET|TOKEN|AES_KEY/.test(name))
      .map(([, value]) => value);
    expect(secrets.length).toBeGreaterThan(5);
    expect(await findInTables(company.product.database, secrets)).toEqual([]);
  });
});

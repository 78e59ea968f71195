import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runKeys } from "../../../server/src/commands/keys.ts";
import { entities } from "../../../server/src/entities.ts";
import { systemClock } from "../../../server/src/platform/clock.ts";
import { createKeySource } from "../../../server/src/platform/vault/key-source.ts";
import { createKeyring } from "../../../server/src/platform/vault/keyring.ts";
import { createVault } from "../../../server/src/platform/vault/vault.ts";
import { forEachDatabase } from "../../support/test-database.ts";

const place = { table: "message", column: "body", rowId: "1" };
const settings = {
  PUBLIC_URL: "https://wecom.example.com",
  ADMIN_MEMBER_IDS: "liuyang",
  WECOM_CORP_ID: "ww1",
  WECOM_AGENT_ID: "1",
  WECOM_APP_SECRET: "s",
  WECOM_CALLBACK_TOKEN: "t",
  WECOM_CALLBACK_AES_KEY: "a".repeat(43),
};

forEachDatabase("npm run keys", (open) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "keys-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function run(
    args: string[],
    input: string[] = [],
  ): Promise<{ code: number; said: string }> {
    const lines: string[] = [];
    const environment = { ...settings, DATA_DIR: folder, DATABASE_URL: open.url() };
    const code = await runKeys(args, environment, {
      say: (line) => void lines.push(line),
      ask: () => Promise.resolve(input.shift() ?? ""),
    });
    return { code, said: lines.join("\n") };
  }

  it("rotates, shares, drills, recovers and retires", async () => {
    const file = join(folder, "vault.key");
    const database = await open(entities);
    const source = createKeySource({ file, keys: null, kms: null });
    const ring = createKeyring({ database, source, clock: systemClock });
    expect((await run(["rotate"])).said).toContain("start the server first");
    expect(await run(["status"])).toMatchObject({
      code: 0,
      said: expect.stringContaining("There is no key yet"),
    });
    await ring.open();
    const vault = createVault(database, ring, systemClock);
    const sealed = await database.write(async (tx) =>
      (await vault.sealerFor(tx, ["wm1"])).seal("wm1", place, "文本"),
    );
    const [first] = await source.load();
    const before = (await run(["shares"])).said.match(/WG1\S+/g)!;

    expect((await run(["rotate"])).code).toBe(0);
    const [, second] = await source.load();
    expect((await run(["status"])).said).toMatch(
      new RegExp(`${first!.id}  retiring.*wraps nothing\n${second!.id}  current.*in use`),
    );
    // A process that has been running all along.
    expect(await createVault(database, ring, systemClock).openText(place, sealed)).toBe("文本");

    const shares = (await run(["shares"])).said.match(/WG1\S+/g)!;
    const drill = await run(["drill"], [shares[2]!, shares[0]]);
    expect(drill).toMatchObject({ code: 0, said: expect.stringContaining("It opens 2 of 2") });
    expect(drill.said).not.toContain(second!.key.toString("hex"));
    expect((await run(["drill"], [before[0], before[1]!])).said).toContain("not the current key");
    expect((await run(["drill"], [shares[0], "x"])).code).toBe(1);

    const recovered = join(folder, "recovered.key");
    expect((await run(["recover", recovered], [shares[0], shares[1]!])).code).toBe(0);
    expect(readFileSync(recovered, "utf8").trim()).toBe(second!.key.toString("hex"));
    expect((await run(["recover", recovered], [shares[0], shares[1]!])).said).toContain("already");

    expect((await run(["retire", first!.id])).said).toContain("still in use");
    await database.write((tx) => tx.query("UPDATE key_ring SET changed_at_ms = 0"));
    expect((await run(["retire", first!.id])).code).toBe(0);
    expect(await source.load()).toEqual([second]);
    expect(existsSync(file)).toBe(true);
    const kinds = await database.read.query<{ kind: string }[]>("SELECT kind FROM ledger_entry");
    expect(kinds.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["vault_key.turned", "vault_key.drilled", "vault_key.destroyed"]),
    );
  });

  it("says what it can do", async () => {
    expect(await run([])).toMatchObject({ code: 0, said: expect.stringContaining("drill") });
    expect((await run(["nonsense"])).code).toBe(1);
  });
});

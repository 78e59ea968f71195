import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { CUSTOMER, smallCompany } from "./testing/small-company.ts";
import { startTwin, type Twin } from "./twin.ts";

const CHAT = `single:chenli:${CUSTOMER}`;
let folder: string;
let twin: Twin;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "twin-"));
});
afterEach(async () => {
  await twin.close();
  rmSync(folder, { recursive: true });
});

const start = async (change: Partial<Parameters<typeof startTwin>[0]> = {}) => {
  twin = await startTwin({
    company: smallCompany(),
    archiveKeysDir: path.join(folder, "keys"),
    dataFile: path.join(folder, "twin.sqlite"),
    ...change,
  });
  return twin;
};
const withoutAddresses = (settings: Record<string, string>) =>
  Object.entries(settings).filter(([name]) => !name.endsWith("_URL"));

test("a second start goes on: same corp, same items, numbers that never restart", async () => {
  await start();
  twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text: "昨天说的" });
  twin.rotateArchiveKey({ deliver: true });
  const before = {
    settings: withoutAddresses(twin.settings()),
    items: twin.world.archive.page(0, 1000, Date.now()),
    state: twin.archiveState(),
  };
  await twin.close();

  await start();
  expect(withoutAddresses(twin.settings())).toEqual(before.settings);
  expect(twin.world.archive.page(0, 1000, Date.now())).toEqual(before.items);
  const ids = new Set(twin.archiveItems().map(({ msgid }) => msgid));
  const { id } = twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text: "今天说的" });
  expect(ids.has(id)).toBe(false);
  const last = twin.archiveItems().at(-1)!;
  expect(last.seq).toBeGreaterThan(before.state.lastSeq);
  expect(last.keyVersion).toBe(2);
});

test("keys that were delivered are put back into an empty folder", async () => {
  await start();
  twin.rotateArchiveKey({ deliver: false });
  await twin.close();
  rmSync(path.join(folder, "keys"), { recursive: true });
  await start();
  expect(readdirSync(path.join(folder, "keys"))).toEqual(["1.pem"]);
});

test("a start that was interrupted in the middle of the history begins again", async () => {
  const interrupted = start({
    onProgress: () => {
      throw new Error("interrupted");
    },
  });
  await expect(interrupted).rejects.toThrow("interrupted");
  await start();
  expect(twin.archiveItems()).toHaveLength(6);
});

test("a port that is taken is an error, and what was opened before is closed again", async () => {
  await start();
  const taken = Number(new URL(twin.url).port);
  const second = startTwin({
    company: smallCompany(),
    archiveKeysDir: path.join(folder, "other"),
    gatewayPort: taken,
  });
  await expect(second).rejects.toThrow("EADDRINUSE");
});

test("progress ends with everything done", async () => {
  const seen: [number, number][] = [];
  await start({ onProgress: (done, total) => seen.push([done, total]) });
  expect(seen.at(0)).toEqual([0, 7]);
  expect(seen.at(-1)).toEqual([7, 7]);
});

test("the settings name everything that the product reads about this corp", async () => {
  await start({ port: 0 });
  expect(Object.keys(twin.settings()).sort()).toEqual(
    [
      "ADMIN_MEMBER_IDS",
      "PUBLIC_URL",
      "WECOM_AGENT_ID",
      "WECOM_API_URL",
      "WECOM_APP_SECRET",
      "WECOM_ARCHIVE_CALLBACK_AES_KEY",
      "WECOM_ARCHIVE_CALLBACK_TOKEN",
      "WECOM_ARCHIVE_KEYS_DIR",
      "WECOM_ARCHIVE_SECRET",
      "WECOM_CALLBACK_AES_KEY",
      "WECOM_CALLBACK_TOKEN",
      "WECOM_CONTACTS_CALLBACK_AES_KEY",
      "WECOM_CONTACTS_CALLBACK_TOKEN",
      "WECOM_CONTACTS_SECRET",
      "WECOM_CORP_ID",
      "WECOM_LOGIN_URL",
      "WECOM_OAUTH_URL",
    ].sort(),
  );
  expect(twin.settings()["PUBLIC_URL"]).toBe(twin.gatewayUrl);
  for (const name of ["WECOM_CALLBACK_AES_KEY", "WECOM_ARCHIVE_CALLBACK_AES_KEY"]) {
    expect(twin.settings()[name]).toMatch(/^[A-Za-z0-9]{43}$/);
  }
});

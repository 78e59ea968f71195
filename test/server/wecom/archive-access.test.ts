import { Secret } from "../../../server/src/platform/secret.ts";
import type { WecomConfig } from "../../../server/src/config.ts";
import { openArchiveAccess } from "../../../server/src/wecom/archive-access.ts";
import { plainClient, silentLog, startFakeWecom, testConfig } from "./fake-wecom.ts";
import type { FakeWecom } from "./fake-wecom.ts";

const PLATFORM = "https://qyapi.weixin.qq.com";
const archiveSdk = {
  library: "lib/libWeWorkFinanceSdk_C.so",
  proxy: "",
  proxyPassword: new Secret("user:pass"),
  timeoutSeconds: 10,
};
let fake: FakeWecom;
beforeEach(async () => {
  fake = await startFakeWecom();
});
afterEach(() => fake.close());

const open = (change: Partial<WecomConfig>) =>
  openArchiveAccess({
    wecom: { ...testConfig(fake.url), ...change },
    client: plainClient(fake),
    hostProgram: "host",
    clock: { now: () => 0 },
    log: silentLog,
  });

it("with a library the archive is reached through it, wherever WeCom is", () => {
  for (const apiUrl of [fake.url, PLATFORM]) {
    const { source, host, missing } = open({ archiveSdk, apiUrl });
    expect([source.openSealed, host, missing]).toEqual([
      expect.any(Function),
      expect.anything(),
      null,
    ]);
  }
});

it("without one it is reached over HTTP where WeCom is not the platform itself", async () => {
  fake.on("/message/getchatdata", () => ({ errcode: 0, chatdata: [] }));
  const { source, host, missing } = open({});
  expect(await source.pull(0, 10)).toEqual([]);
  expect([source.openSealed, host, missing]).toEqual([null, null, null]);
});

it.each([
  ["WECOM_ARCHIVE_SDK_LIB", { apiUrl: PLATFORM }],
  ["WECOM_ARCHIVE_SECRET", { archiveSecret: null }],
  ["WECOM_ARCHIVE_SECRET", { archiveSecret: null, archiveSdk, apiUrl: PLATFORM }],
])("without %s it is not, and says so", async (setting, change) => {
  const { source, host, missing } = open(change);
  expect([host, missing]).toEqual([null, setting]);
  await expect(source.pull(0, 10)).rejects.toMatchObject({ setting });
  expect(fake.requests).toHaveLength(0);
});

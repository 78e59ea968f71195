import { archiveComponentCheck } from "../../../../server/src/features/health/archive-component-check.ts";
import { SdkHostError } from "../../../../server/src/wecom/sdk-error.ts";
import type { SdkHostTrouble } from "../../../../server/src/wecom/sdk-error.ts";
import type { SdkHealth, SdkHost } from "../../../../server/src/wecom/sdk-host.ts";

const nowMs = Date.parse("2026-11-23T10:00:00+08:00");
const MINUTE_MS = 60_000;
const well: SdkHealth = {
  isRunning: true,
  trouble: null,
  restarts: 0,
  library: { bytes: 6 * 1024 * 1024, version: "20250205" },
  lastCall: { name: "GetChatData", atMs: nowMs - 3 * MINUTE_MS },
};

const look = (health: SdkHealth) => {
  const host = { health: () => health } as SdkHost;
  return archiveComponentCheck({ host, missing: null }).look(nowMs);
};
const after = (trouble: SdkHostTrouble, detail: string, agoMs = MINUTE_MS) => ({
  trouble: { atMs: nowMs - agoMs, error: new SdkHostError(trouble, detail) },
});

it("says what is loaded, and that it is well", () => {
  expect(look(well)).toEqual({
    status: "ok",
    detail: "已加载，自检通过（版本 20250205，6.0 MB），3 分钟前调用过，重启 0 次。",
    remedy: null,
  });
});

it.each<[string, Partial<SdkHealth>, string, RegExp, RegExp]>([
  [
    "starts",
    { isRunning: false, lastCall: null },
    "attention",
    /^没有运行（.+），还没有调用过/,
    /启动/,
  ],
  [
    "has crashed and runs again",
    { restarts: 1, ...after("crashed", "SIGABRT") },
    "attention",
    /重启 1 次。1 分钟前崩溃过，会自动重启（SIGABRT）。$/,
    /sdk:check/,
  ],
  [
    "has crashed",
    { isRunning: false, ...after("crashed", "SIGSEGV") },
    "attention",
    /没有运行.+崩溃过/,
    /代理/,
  ],
  [
    "was too slow",
    { ...after("timeout", "SIGKILL") },
    "attention",
    /没有按时回应/,
    /WECOM_ARCHIVE_TIMEOUT_SECONDS/,
  ],
  [
    "has no program",
    { isRunning: false, ...after("no_program", "ENOENT") },
    "broken",
    /还没有编译/,
    /npm run build:sdk-host/,
  ],
  [
    "has no file",
    { isRunning: false, library: null, ...after("not_loaded", "cannot open") },
    "broken",
    /^找不到组件文件。.+加载不了（cannot open）/,
    /WECOM_ARCHIVE_SDK_LIB/,
  ],
  [
    "fails its self-test",
    { isRunning: false, ...after("unusable", "self-test: 10006") },
    "broken",
    /没有通过自检（self-test: 10006）/,
    /重新下载/,
  ],
])("says what to do when it %s", (_what, change, status, detail, remedy) => {
  const finding = look({ ...well, ...change });
  expect(finding).toMatchObject({ status });
  expect((finding as { detail: string }).detail).toMatch(detail);
  expect((finding as { remedy: string }).remedy).toMatch(remedy);
});

it("forgets a crash after an hour", () => {
  const change = { restarts: 1, ...after("crashed", "SIGABRT", 61 * MINUTE_MS) };
  expect(look({ ...well, ...change })).toMatchObject({ status: "ok" });
});

it("says what is missing where there is none, and how to get it", () => {
  const check = archiveComponentCheck({ host: null, missing: "WECOM_ARCHIVE_SDK_LIB" });
  expect(check.look(nowMs)).toMatchObject({
    status: "broken",
    remedy: expect.stringMatching(/下载.+WECOM_ARCHIVE_SDK_LIB/),
  });
});

it.each([null, "WECOM_ARCHIVE_SECRET"] as const)("is not looked for in vain (%p)", (missing) => {
  expect(archiveComponentCheck({ host: null, missing }).look(nowMs)).toMatchObject({
    status: "ok",
  });
});

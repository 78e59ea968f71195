import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { inspect } from "node:util";
import { ConfigError, loadConfig, settingNames } from "../../server/src/config.ts";

const complete = {
  PUBLIC_URL: "https://wecom.example.com/",
  ADMIN_MEMBER_IDS: "LiuYang, wangfang",
  WECOM_CORP_ID: "wwcorp01",
  WECOM_AGENT_ID: "1000002",
  WECOM_APP_SECRET: "app-secret-value",
  WECOM_CALLBACK_TOKEN: "callbackTokenValue",
  WECOM_CALLBACK_AES_KEY: "a".repeat(43),
};

function problemsOf(environment: Record<string, string | undefined>): string {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "";
}

describe("config", () => {
  it("reads what is given and fills in the rest", () => {
    const config = loadConfig({
      ...complete,
      WECOM_ARCHIVE_SECRET: "",
    });
    expect(config).toMatchObject({
      publicUrl: "https://wecom.example.com",
      port: 3000,
      adminMemberIds: ["liuyang", "wangfang"],
      wecom: { agentId: 1000002, archiveSecret: null },
    });
    expect(Object.keys(config.wecom.receivers)).toEqual(["app"]);
  });

  it("reads how the archive library is reached, and where there is none, nothing of it", () => {
    expect(loadConfig({ ...complete, WECOM_ARCHIVE_PROXY: "http://proxy:1" }).wecom).toMatchObject({
      archiveSdk: null,
    });
    const { archiveSdk } = loadConfig({
      ...complete,
      WECOM_ARCHIVE_SDK_LIB: "lib/libWeWorkFinanceSdk_C.so",
      WECOM_ARCHIVE_PROXY: "socks5://proxy:1080",
      WECOM_ARCHIVE_PROXY_PASSWORD: "user:pass",
    }).wecom;
    expect(archiveSdk).toMatchObject({
      library: resolve("lib/libWeWorkFinanceSdk_C.so"),
      proxy: "socks5://proxy:1080",
      timeoutSeconds: 10,
    });
    expect(archiveSdk?.proxyPassword?.reveal()).toBe("user:pass");
    const wrong = problemsOf({
      ...complete,
      WECOM_ARCHIVE_PROXY: "http://user:hidden@proxy:1",
      WECOM_ARCHIVE_PROXY_PASSWORD: "hidden",
      WECOM_ARCHIVE_TIMEOUT_SECONDS: "0",
    });
    for (const name of ["PROXY", "PROXY_PASSWORD", "TIMEOUT_SECONDS"]) {
      expect(wrong).toContain(`- WECOM_ARCHIVE_${name} `);
    }
    expect(wrong).not.toContain("hidden");
  });

  it("names every problem at once, with the variable", () => {
    const message = problemsOf({
      ...complete,
      PUBLIC_URL: "wecom.example.com",
      WECOM_AGENT_ID: "abc",
      WECOM_CALLBACK_AES_KEY: "too-short",
      WECOM_APP_SECRET: undefined,
      WECOM_ARCHIVE_CALLBACK_TOKEN: "token",
      DATABASE_URL: "postgres://x",
    });
    for (const name of [
      "PUBLIC_URL",
      "WECOM_AGENT_ID",
      "WECOM_CALLBACK_AES_KEY",
      "WECOM_APP_SECRET",
      "WECOM_ARCHIVE_CALLBACK_AES_KEY",
      "DATABASE_URL",
    ]) {
      expect(message).toContain(`- ${name} `);
    }
  });

  it.each([
    ["https://tsa.example.com/tsr", true],
    ["http://127.0.0.1:3180/tsr", true],
    ["http://localhost:3180/tsr", true],
    ["http://tsa.example.com/tsr", false],
    ["http://127.0.0.1.example.com/tsr", false],
    ["https://user:password@tsa.example.com/tsr", false],
    ["file:///etc/passwd", false],
    ["tsa.example.com", false],
  ])("asks %s for time stamps: %s", (url, isAllowed) => {
    const load = () => loadConfig({ ...complete, TSA_URL: url }).timeStamps;
    if (isAllowed) expect(load()).toEqual({ url, caFile: null });
    else expect(load).toThrow(/TSA_URL must be an https address/);
  });

  it("never prints a secret, neither of a good nor of a bad configuration", () => {
    const config = loadConfig(complete);
    const printed = [
      inspect(config, { depth: 9 }),
      JSON.stringify(config),
      String(config.wecom.appSecret),
    ];
    const bad = problemsOf({ ...complete, WECOM_CALLBACK_TOKEN: "wrong token !", PORT: "-1" });
    for (const text of [...printed, bad]) {
      expect(text).not.toMatch(/app-secret-value|callbackTokenValue|wrong token !|a{43}/);
    }
  });

  it(".env.example explains exactly the variables that exist", () => {
    const names = [...readFileSync(".env.example", "utf8").matchAll(/^([A-Z0-9_]+)=/gm)].map(
      ([, name]) => name,
    );
    expect(names.sort()).toEqual([...settingNames].sort());
  });
});

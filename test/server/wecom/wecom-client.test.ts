import { z } from "zod";
import type { SharedTokens, TokenLoader } from "../../../server/src/wecom/access-tokens.ts";
import { createWecomClient } from "../../../server/src/wecom/wecom-client.ts";
import type { WecomCall, WecomClient } from "../../../server/src/wecom/wecom-client.ts";
import { silentLog, startFakeWecom, testConfig } from "./fake-wecom.ts";
import type { FakeWecom } from "./fake-wecom.ts";

const clock = { now: () => 1_700_000_000_000 };

/** Tokens in memory with the real loaders, so that `gettoken` is called as in life. */
function memoryTokens(): SharedTokens {
  const held = new Map<string, string>();
  const refresh = async (name: string, load: TokenLoader) => {
    const { value } = await load();
    held.set(name, value);
    return value;
  };
  return {
    get: async (name, load) => held.get(name) ?? (await refresh(name, load)),
    refreshAfter: (name, _refused, load) => refresh(name, load),
  };
}

describe("calls to WeCom", () => {
  let fake: FakeWecom;
  let client: WecomClient;
  let issued: number;
  const call = (overrides: Partial<WecomCall<{ name: string }>> = {}) =>
    client.call({
      api: "/user/get",
      method: "GET",
      as: "app",
      query: { userid: "chenli" },
      schema: z.object({ name: z.string() }),
      ...overrides,
    });

  beforeEach(async () => {
    fake = await startFakeWecom();
    issued = 0;
    fake.on("/gettoken", () => {
      issued += 1;
      return { errcode: 0, errmsg: "ok", access_token: `T${issued}`, expires_in: 7200 };
    });
    client = createWecomClient({
      config: testConfig(fake.url),
      tokens: memoryTokens(),
      clock,
      log: silentLog,
      backOffMs: 1,
    });
  });
  afterEach(async () => {
    client.close();
    await fake.close();
  });

  it("passes the token in the query, unknown fields by, and the named ones on", async () => {
    fake.on("/user/get", () => ({ errcode: 0, errmsg: "ok", name: "陈丽", surprise: 1 }));
    expect(await call()).toEqual({ name: "陈丽" });
    const [tokenRequest, request] = fake.requests;
    expect(Object.fromEntries(tokenRequest!.query)).toEqual({
      corpid: "ww6a112864f8022910",
      corpsecret: "app-secret",
    });
    expect(Object.fromEntries(request!.query)).toEqual({ userid: "chenli", access_token: "T1" });
  });

  it("takes an answer without errcode as a good one", async () => {
    fake.on("/user/get", () => ({ name: "陈丽" }));
    expect(await call()).toEqual({ name: "陈丽" });
  });

  it("sends Chinese as it is, not escaped", async () => {
    fake.on("/user/get", () => ({ errcode: 0, name: "" }));
    await call({ method: "POST", body: { text: "保本保息 🙂" } });
    expect(fake.requests.at(-1)!.text).toBe('{"text":"保本保息 🙂"}');
  });

  it.each([40014, 42001, 40001])("renews the token once after %i and calls again", async (code) => {
    fake.on("/user/get", ({ query }) =>
      query.get("access_token") === "T1" ? { errcode: code } : { errcode: 0, name: "陈丽" },
    );
    expect(await call()).toEqual({ name: "陈丽" });
    expect(fake.count("/gettoken")).toBe(2);
  });

  it("gives up when the new token is refused, too", async () => {
    fake.on("/user/get", () => ({ errcode: 42001 }));
    await expect(call()).rejects.toMatchObject({ name: "WecomError", errcode: 42001 });
    expect(fake.count("/user/get")).toBe(2);
    expect(fake.count("/gettoken")).toBe(2);
  });

  it("tries three times when WeCom is busy", async () => {
    fake.on("/user/get", () =>
      fake.count("/user/get") < 3 ? { errcode: -1 } : { errcode: 0, name: "陈丽" },
    );
    expect(await call()).toEqual({ name: "陈丽" });
    fake.on("/user/get", () => ({ errcode: -1 }));
    await expect(call()).rejects.toMatchObject({ errcode: -1, isRetryable: true });
    expect(fake.count("/user/get")).toBe(6);
  });

  it("sends a call that uses something up once only", async () => {
    fake.on("/user/get", () => ({ errcode: -1 }));
    await expect(call({ isSingleUse: true })).rejects.toMatchObject({ errcode: -1 });
    expect(fake.count("/user/get")).toBe(1);
  });

  it.each([
    [45009, { isRateLimit: true, isRetryable: true }],
    [45033, { isRateLimit: true, isRetryable: true }],
    [60020, { isRateLimit: false, isRetryable: false }],
    [48002, { isRateLimit: false, isRetryable: false }],
  ])("throws %i at once, typed", async (errcode, flags) => {
    fake.on("/user/get", () => ({ errcode, errmsg: "no" }));
    await expect(call()).rejects.toMatchObject({ errcode, api: "/user/get", ...flags });
    expect(fake.count("/user/get")).toBe(1);
  });

  it("names a wrong secret as such", async () => {
    fake.on("/gettoken", () => ({ errcode: 40001 }));
    await expect(call()).rejects.toMatchObject({ api: "/gettoken", isWrongCredential: true });
    expect(fake.count("/gettoken")).toBe(1);
  });

  it.each([
    ["http_status", { status: 502, text: "<html>bad gateway</html>" }],
    ["http_status", { status: 302, text: "" }],
    ["not_json", { status: 200, text: "<html>portal</html>" }],
    ["not_json", { status: 200, text: "[]" }],
    ["unexpected_answer", { status: 200, text: '{"errcode":0,"nom":"x"}' }],
  ] as const)("an answer that is none counts as unreachable: %s", async (reason, answer) => {
    fake.on("/user/get", () => answer);
    await expect(call()).rejects.toMatchObject({
      name: "WecomUnreachableError",
      reason,
      isRetryable: true,
    });
    expect(fake.count("/user/get")).toBe(1);
  });

  it("gives up on a silent server after the given time", async () => {
    fake.on("/user/get", () => "hang");
    await expect(call({ timeoutMs: 50 })).rejects.toMatchObject({ reason: "timeout" });
  });

  it("says so when nobody listens", async () => {
    await fake.close();
    await expect(call()).rejects.toMatchObject({ reason: "network" });
  });

  it("an error carries neither token nor secret nor anything of the request, and of the answer only our own address", async () => {
    const failures: unknown[] = [];
    const note = (error: unknown) => failures.push(error);
    fake.on("/user/get", () => ({ errcode: 60020, errmsg: "canary, from ip: 203.0.113.9" }));
    await call({ query: { userid: "canary-id" } }).catch(note);
    fake.on("/user/get", () => ({ status: 500, text: "canary-answer" }));
    await call({ query: { userid: "canary-id" } }).catch(note);
    await fake.close();
    await call({ query: { userid: "canary-id" } }).catch(note);
    expect(failures).toHaveLength(3);
    // The address that an administrator has to enter as trusted.
    expect(failures[0]).toMatchObject({ callerIp: "203.0.113.9" });
    for (const failure of failures as Error[]) {
      const all = `${JSON.stringify(failure)} ${failure.message} ${failure.stack ?? ""} ${String(failure.cause)}`;
      expect(all).not.toMatch(/T1|app-secret|canary/);
    }
  });

  it("tells its health, without the codes that are answers", async () => {
    expect(client.health()).toEqual({ lastSuccessAtMs: null, lastFailure: null });
    fake.on("/user/get", () => ({ errcode: 60111 }));
    await expect(call({ expected: [60111] })).rejects.toMatchObject({ errcode: 60111 });
    expect(client.health().lastFailure).toBeNull();
    fake.on("/user/get", () => ({ errcode: 60020 }));
    await expect(call()).rejects.toThrow();
    expect(client.health().lastFailure).toEqual({
      atMs: clock.now(),
      api: "/user/get",
      errcode: 60020,
      callerIp: null,
    });
    fake.on("/user/get", () => ({ status: 500, text: "" }));
    await expect(call()).rejects.toThrow();
    expect(client.health().lastFailure).toMatchObject({ errcode: "unreachable" });
    fake.on("/user/get", () => ({ errcode: 0, name: "" }));
    await call();
    expect(client.health().lastSuccessAtMs).toBe(clock.now());
  });

  it("uses the archive's own secret, and names the one that is not set", async () => {
    fake.on("/user/get", () => ({ errcode: 0, name: "" }));
    await call({ as: "archive" });
    expect(fake.requests[0]!.query.get("corpsecret")).toBe("archive-secret");
    await expect(call({ as: "contacts" })).rejects.toMatchObject({
      name: "WecomNotConfiguredError",
      setting: "WECOM_CONTACTS_SECRET",
    });
  });
});

import { SessionRow } from "../../../../server/src/features/sign-in/session.entity.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import { pageHeaders, PUBLIC_URL, signIn, startPeopleWorld } from "./people-world.ts";
import type { PeopleWorld } from "./people-world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

forEachDatabase("session", (open) => {
  let world: PeopleWorld;
  beforeEach(async () => {
    world = await startPeopleWorld(open);
    await world.sync();
  });
  afterEach(() => world.stop());

  const statusOf = async (browser: ReturnType<PeopleWorld["browser"]>): Promise<number> =>
    (await browser.get("/api/session")).status;

  it("is kept as a hash only", async () => {
    const browser = await world.signedIn("chenli");
    const token = browser.cookies.get("__Host-session") ?? "";
    const [row] = await world.database.read.find(SessionRow);
    expect(row?.id).toBe(world.tokens.hash(token));
    expect(JSON.stringify(row)).not.toContain(token);
  });

  it("ends after 30 minutes without a request, however long the person stays busy before", async () => {
    const browser = await world.signedIn("chenli");
    for (let times = 0; times < 4; times += 1) {
      world.time.nowMs += 29 * MINUTE_MS;
      expect(await statusOf(browser)).toBe(200);
    }
    world.time.nowMs += 30 * MINUTE_MS;
    expect(await statusOf(browser)).toBe(401);
  });

  it("ends after eight hours in any case", async () => {
    const browser = await world.signedIn("chenli");
    for (let minutes = 0; minutes < 8 * 60 - 20; minutes += 20) {
      world.time.nowMs += 20 * MINUTE_MS;
      expect(await statusOf(browser)).toBe(200);
    }
    world.time.nowMs += 20 * MINUTE_MS;
    expect(await statusOf(browser)).toBe(401);
  });

  it("is written as seen at most once a minute", async () => {
    const browser = await world.signedIn("chenli");
    const seenAt = async () => (await world.database.read.find(SessionRow))[0]?.lastSeenAtMs;
    const before = await seenAt();
    world.time.nowMs += 59_000;
    await browser.get("/api/session");
    expect(await seenAt()).toBe(before);
    world.time.nowMs += 1_000;
    await browser.get("/api/session");
    expect(await seenAt()).toBe(world.time.nowMs);
  });

  it("is a new one with every sign-in, and the old one is over", async () => {
    const browser = await world.signedIn("chenli");
    const old = browser.cookies.get("__Host-session") ?? "";
    await signIn(world.company, browser, "chenli");
    expect(browser.cookies.get("__Host-session")).not.toBe(old);
    browser.cookies.set("__Host-session", old);
    expect(await statusOf(browser)).toBe(401);
  });

  it("cannot be chosen by whoever sets a cookie beforehand", async () => {
    const browser = world.browser();
    browser.cookies.set("__Host-session", "a".repeat(64));
    await signIn(world.company, browser, "chenli");
    expect(browser.cookies.get("__Host-session")).not.toBe("a".repeat(64));
  });

  it.each(["", "x", "a".repeat(64), `${"a".repeat(64)}'--`, "a".repeat(5000)])(
    "is not what somebody makes up: %j",
    async (token) => {
      const browser = world.browser();
      browser.cookies.set("__Host-session", token);
      const answer = await browser.get("/api/session");
      expect(answer.status).toBe(401);
      expect(answer.body).toMatchObject({ code: "not_signed_in" });
    },
  );

  describe("signing out", () => {
    it("ends the session on the server, not only in the browser", async () => {
      const browser = await world.signedIn("chenli");
      const token = browser.cookies.get("__Host-session") ?? "";
      expect((await browser.post("/api/session/end")).status).toBe(204);
      expect(browser.cookies.has("__Host-session")).toBe(false);
      browser.cookies.set("__Host-session", token);
      expect(await statusOf(browser)).toBe(401);
    });

    it.each([
      ["a form of another site", { origin: "https://evil.example" }],
      ["without our header", { origin: PUBLIC_URL }],
      [
        "our header from another site",
        { ...pageHeaders, origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      ],
      ["a sibling site", { ...pageHeaders, "sec-fetch-site": "same-site" }],
    ])("is refused to %s", async (_what, headers) => {
      const browser = await world.signedIn("chenli");
      const answer = await fetch(`${world.address}/api/session/end`, {
        method: "POST",
        headers: { ...headers, cookie: browser.cookieHeader() },
      });
      expect(answer.status).toBe(403);
      expect(await statusOf(browser)).toBe(200);
    });

    it("is nothing for those who are not signed in", async () => {
      expect((await world.browser().post("/api/session/end")).status).toBe(401);
    });
  });

  describe("when the member leaves", () => {
    const remove = (id: string): void => {
      const { company } = world;
      company.members = company.members.filter(({ userid }) => userid.toLowerCase() !== id);
    };

    it("ends with the next sync, for that member alone", async () => {
      const [gone, stays] = [await world.signedIn("chenli"), await world.signedIn("wuhao")];
      remove("chenli");
      await world.sync();
      expect(await statusOf(gone)).toBe(401);
      expect(await statusOf(stays)).toBe(200);
      expect(await world.database.read.countBy(SessionRow, { memberId: "chenli" })).toBe(0);
    });

    it("ends at once with the callback, also in another process", async () => {
      const browser = await world.signedIn("chenli");
      const other = await startPeopleWorld(open, { company: world.company, kek: world.kek });
      await other.database.write((tx) => other.members.deactivate(tx, "chenli"));
      expect(await statusOf(browser)).toBe(401);
      await other.stop();
    });
  });

  it("that has run out is removed, others stay", async () => {
    await world.signedIn("chenli");
    world.time.nowMs += 31 * MINUTE_MS;
    await world.signedIn("wuhao");
    await world.database.write((tx) => world.sessions.prune(tx));
    const rows = await world.database.read.find(SessionRow);
    expect(rows.map(({ memberId }) => memberId)).toEqual(["wuhao"]);
    world.time.nowMs += 9 * HOUR_MS;
    await world.database.write((tx) => world.sessions.prune(tx));
    expect(await world.database.read.count(SessionRow)).toBe(0);
  });

  describe("signatures for WeCom's client", () => {
    const ask = (browser: ReturnType<PeopleWorld["browser"]>, url: string) =>
      browser.get(`/api/jssdk/signatures?url=${encodeURIComponent(url)}`);

    it("are made for a page of ours", async () => {
      const answer = await ask(await world.signedIn("chenli"), `${PUBLIC_URL}/sidebar/?a=1#tab`);
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({
        corpId: "ww6a112864f8022910",
        agentId: 1000002,
        config: expect.objectContaining({ signature: expect.stringMatching(/^[0-9a-f]{40}$/) }),
        agentConfig: expect.objectContaining({
          signature: expect.stringMatching(/^[0-9a-f]{40}$/),
        }),
      });
      expect(answer.text).not.toContain("ticket");
    });

    it.each([
      `https://wecom.example.com@evil.example/`,
      `https://user@wecom.example.com/sidebar/`,
      `https://wecom.example.com:8443/sidebar/`,
      `https://wecom.example.com/sidebar/../admin/`,
      `https://evil.example/sidebar/`,
    ])("are refused for %s", async (url) => {
      const answer = await ask(await world.signedIn("chenli"), url);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ code: "untrusted_page" });
      expect(world.company.wecom.count("/ticket/get")).toBe(0);
    });

    it("are refused without a session, and without an address", async () => {
      expect((await ask(world.browser(), `${PUBLIC_URL}/sidebar/`)).status).toBe(401);
      const browser = await world.signedIn("chenli");
      expect((await browser.get("/api/jssdk/signatures")).status).toBe(400);
      expect((await browser.get("/api/jssdk/signatures?url=a&url=b")).status).toBe(400);
    });

    it.each([
      ["down" as const, "wecom_unreachable"],
      [60020, "wecom_refused"],
    ])("say so when WeCom is in trouble (%s)", async (trouble, code) => {
      const browser = await world.signedIn("chenli");
      world.company.trouble = trouble;
      const answer = await ask(browser, `${PUBLIC_URL}/sidebar/`);
      expect(answer.status).toBe(502);
      expect(answer.body).toMatchObject({ code });
    });
  });
});

import { errors } from "#shared/errors";
import { SignInAttemptRow } from "../../../../server/src/features/sign-in/session.entity.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import { member } from "./fake-company.ts";
import { beginSignIn, issueCode, signIn, startPeopleWorld } from "./people-world.ts";
import type { Browser, PeopleWorld } from "./people-world.ts";

const MINUTE_MS = 60_000;

forEachDatabase("sign-in", (open) => {
  let world: PeopleWorld;
  beforeEach(async () => {
    world = await startPeopleWorld(open);
    await world.sync();
  });
  afterEach(() => world.stop());

  /** Comes back from WeCom as this person. */
  async function comeBack(browser: Browser, state: string, person: Record<string, unknown>) {
    const code = issueCode(world.company, person);
    return await browser.get(`/sign-in/callback?code=${code}&state=${state}`);
  }

  const cookieLines = (answer: { headers: unknown }): string[] =>
    (answer.headers as Record<string, string[] | undefined>)["set-cookie"] ?? [];

  describe("the way there", () => {
    it("leads to WeCom's own login inside WeCom", async () => {
      const answer = await world.browser().get("/sign-in?returnTo=/sidebar/");
      expect(answer.status).toBe(303);
      const address = new URL(String(answer.headers["location"]));
      expect(address.origin + address.pathname).toBe(
        "https://open.weixin.qq.com/connect/oauth2/authorize",
      );
      expect(address.searchParams.get("state")).toMatch(/^[0-9a-f]{32}$/);
      expect(address.searchParams.get("redirect_uri")).toBe(
        "https://wecom.example.com/sign-in/callback",
      );
    });

    it("leads to the code to scan in any other browser", async () => {
      const answer = await world.browser("Mozilla/5.0 Chrome/126.0").get("/sign-in");
      expect(String(answer.headers["location"])).toMatch(
        /^https:\/\/login\.work\.weixin\.qq\.com\/wwlogin\/sso\/login\?/,
      );
    });

    it("gives the browser a name that scripts and other sites cannot use", async () => {
      const [line = ""] = cookieLines(await world.browser().get("/sign-in"));
      expect(line).toMatch(
        /^__Host-sign-in=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=600$/,
      );
    });

    it("keeps neither state nor browser in the clear", async () => {
      const browser = world.browser();
      const state = await beginSignIn(browser, "/manager/cases/1");
      const [row] = await world.database.read.find(SignInAttemptRow);
      expect(row).toMatchObject({
        id: world.tokens.hash(state),
        browserHash: world.tokens.hash(browser.cookies.get("__Host-sign-in") ?? ""),
        returnTo: "/manager/cases/1",
      });
    });

    it.each([
      "/sign-in?returnTo=https://evil.example/sidebar/",
      "/sign-in?returnTo=//evil.example/sidebar/",
      "/sign-in?returnTo=/%5Cevil.example/sidebar/",
      "/sign-in?returnTo=/api/session",
      "/sign-in?returnTo=",
      "/sign-in?returnTo=/sidebar/&returnTo=/admin/",
    ])("refuses to lead astray: %s", async (path) => {
      const answer = await world.browser().get(path);
      expect(answer.status).toBe(400);
      expect(answer.headers["location"]).toBeUndefined();
      expect(await world.database.read.count(SignInAttemptRow)).toBe(0);
    });
  });

  describe("the way back", () => {
    it("starts a session and leads to the clean address", async () => {
      const browser = world.browser();
      const state = await beginSignIn(browser, "/manager/cases/1?from=card");
      const answer = await comeBack(browser, state, { userid: "ChenLi" });
      expect(answer.status).toBe(303);
      expect(answer.headers["location"]).toBe("/manager/cases/1?from=card");
      expect(cookieLines(answer)).toEqual([
        expect.stringMatching(
          /^__Host-session=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
        ),
      ]);
      const session = await browser.get("/api/session");
      expect(session.body).toEqual({
        memberId: "chenli",
        name: "陈丽",
        roles: ["salesperson"],
        permissions: ["own.use"],
      });
    });

    it.each([
      ["zhangwei", ["salesperson", "team_lead"]],
      ["zhoumin", ["salesperson", "team_lead"]],
      ["liuyang", ["salesperson", "system_admin", "security_admin"]],
    ])("knows the roles of %s", async (userid, roles) => {
      const browser = await world.signedIn(userid);
      expect((await browser.get("/api/session")).body).toMatchObject({ roles });
    });

    it("takes a state once", async () => {
      const browser = world.browser();
      const state = await beginSignIn(browser);
      expect((await comeBack(browser, state, { userid: "chenli" })).status).toBe(303);
      const again = await comeBack(browser, state, { userid: "chenli" });
      expect(again.status).toBe(403);
      expect(again.text).toContain(errors.sign_in_failed.text);
    });

    it("takes a state once also when both come at the same time", async () => {
      const browser = world.browser();
      const state = await beginSignIn(browser);
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => comeBack(browser, state, { userid: "chenli" })),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([303, 403, 403, 403, 403]);
    });

    it("takes a code once, whatever the state", async () => {
      const code = issueCode(world.company, { userid: "chenli" });
      const first = world.browser();
      const second = world.browser();
      const states = [await beginSignIn(first), await beginSignIn(second)];
      const path = (state = ""): string => `/sign-in/callback?code=${code}&state=${state}`;
      expect((await first.get(path(states[0]))).status).toBe(303);
      expect((await second.get(path(states[1]))).status).toBe(403);
      expect((await second.get("/api/session")).status).toBe(401);
    });

    it("refuses a state that another browser began, and uses it up", async () => {
      const attacker = world.browser();
      const state = await beginSignIn(attacker);
      const victim = world.browser();
      await beginSignIn(victim);
      expect((await comeBack(victim, state, { userid: "wuhao" })).status).toBe(403);
      expect((await victim.get("/api/session")).status).toBe(401);
      expect((await comeBack(attacker, state, { userid: "wuhao" })).status).toBe(403);
      expect(world.company.wecom.count("/auth/getuserinfo")).toBe(0);
    });

    it("refuses a browser without the cookie", async () => {
      const state = await beginSignIn(world.browser());
      expect((await comeBack(world.browser(), state, { userid: "wuhao" })).status).toBe(403);
    });

    it("refuses a state after ten minutes", async () => {
      const browser = world.browser();
      const state = await beginSignIn(browser);
      world.time.nowMs += 10 * MINUTE_MS;
      expect((await comeBack(browser, state, { userid: "chenli" })).status).toBe(403);
    });

    it("lets two windows of one browser sign in at the same time", async () => {
      const browser = world.browser();
      const states = [await beginSignIn(browser), await beginSignIn(browser, "/admin/")];
      expect((await comeBack(browser, states[0] ?? "", { userid: "liuyang" })).status).toBe(303);
      const second = await comeBack(browser, states[1] ?? "", { userid: "liuyang" });
      expect(second.headers["location"]).toBe("/admin/");
    });

    it("does not use up anything when only the head is asked for", async () => {
      const browser = world.browser();
      const state = await beginSignIn(browser);
      const code = issueCode(world.company, { userid: "chenli" });
      const path = `/sign-in/callback?code=${code}&state=${state}`;
      const head = await fetch(`${world.address}${path}`, {
        method: "HEAD",
        headers: { cookie: browser.cookieHeader() },
      });
      expect(head.status).toBe(405);
      expect((await browser.get(path)).status).toBe(303);
    });

    it.each([
      "/sign-in/callback",
      "/sign-in/callback?state=00000000000000000000000000000000",
      "/sign-in/callback?code=x",
      "/sign-in/callback?code=x&state=abc",
      "/sign-in/callback?code=x&state=00000000000000000000000000000000",
      "/sign-in/callback?code=x&code=y&state=00000000000000000000000000000000",
      `/sign-in/callback?code=x&state=${"0".repeat(32)}&state=${"0".repeat(32)}`,
      `/sign-in/callback?code=${"x".repeat(4000)}&state=${"0".repeat(32)}`,
      "/sign-in/callback?code[]=x&state[$ne]=1",
    ])("refuses what no sign-in ends with: %s", async (path) => {
      const answer = await world.browser().get(path);
      expect(answer.status).toBe(403);
      expect(answer.type).toBe("text/html");
      expect(answer.text).toContain(errors.sign_in_failed.text);
    });
  });

  describe("who is refused", () => {
    it.each([
      ["somebody of WeChat", { openid: "oABC" }, 403, errors.not_a_member.text],
      ["a customer", { openid: "oABC", external_userid: "wm1" }, 403, errors.not_a_member.text],
      ["an empty userid", { userid: "" }, 403, errors.not_a_member.text],
      ["a member whom the app may not see", { userid: "x" }, 403, errors.member_inactive.text],
    ])("%s, with a page that says why", async (_who, person, status, text) => {
      const browser = world.browser();
      const answer = await comeBack(browser, await beginSignIn(browser), person);
      expect(answer.status).toBe(status);
      expect(answer.text).toContain(text);
      expect(answer.text).not.toMatch(/<script/i);
      expect(cookieLines(answer)).toEqual([]);
      expect((await browser.get("/api/session")).status).toBe(401);
    });

    it("a member who is disabled", async () => {
      world.company.members.push(member("guo", { status: 2 }));
      await world.sync();
      const browser = world.browser();
      const answer = await comeBack(browser, await beginSignIn(browser), { userid: "guo" });
      expect(answer.status).toBe(403);
      expect(answer.text).toContain(errors.member_inactive.text);
      expect(answer.text).toContain("重新登录");
    });

    it("nobody whom the directory has only just got: WeCom is asked", async () => {
      world.company.members.push(member("xinren", { name: "新人" }));
      const browser = await world.signedIn("xinren");
      expect((await browser.get("/api/session")).body).toMatchObject({ name: "新人" });
    });
  });

  describe("when WeCom is in trouble", () => {
    it.each([
      ["does not answer", "down" as const, 502, errors.wecom_unreachable.text],
      ["refuses our address", 60020, 502, errors.wecom_refused.text],
      ["says that the code has run out", 42003, 403, errors.sign_in_failed.text],
    ])("%s: the page says what to do", async (_what, trouble, status, text) => {
      const browser = world.browser();
      const state = await beginSignIn(browser, "/manager/");
      world.company.trouble = trouble;
      const answer = await comeBack(browser, state, { userid: "chenli" });
      expect(answer.status).toBe(status);
      expect(answer.text).toContain(text);
      expect(answer.text).toContain('href="/sign-in?returnTo=%2Fmanager%2F"');
      expect(answer.text).toContain(String(answer.headers["x-request-id"]));
    });
  });

  it("logs failures as counts, at most once a minute, and nothing that they carried", async () => {
    for (let index = 0; index < 20; index += 1) {
      await world.browser().get(`/sign-in/callback?code=canary${index}&state=${"0".repeat(32)}`);
    }
    const failures = (): string[] => world.lines.filter((line) => line.includes("sign-ins failed"));
    expect(failures()).toHaveLength(1);
    world.failures.report();
    expect(failures()).toHaveLength(2);
    expect(JSON.parse(failures()[1] ?? "")).toMatchObject({ failures: { sign_in_failed: 19 } });
    expect(world.lines.join("")).not.toContain("canary");
  });

  it("removes attempts that have run out", async () => {
    await beginSignIn(world.browser());
    world.time.nowMs += 10 * MINUTE_MS;
    await beginSignIn(world.browser());
    await world.database.write((tx) => world.signIn.prune(tx));
    expect(await world.database.read.count(SignInAttemptRow)).toBe(1);
  });

  it("uses cookies without TLS only where the address has none (the demo)", async () => {
    const demo = await startPeopleWorld(open, {
      company: world.company,
      kek: world.kek,
      publicUrl: "http://localhost:8080",
    });
    const browser = demo.browser();
    await signIn(demo.company, browser, "chenli");
    expect([...browser.cookies.keys()].sort()).toEqual(["session", "sign-in"]);
    expect((await browser.get("/api/session")).status).toBe(200);
    // The plain cookie means nothing where TLS is.
    const other = world.browser();
    other.cookies.set("session", browser.cookies.get("session") ?? "");
    expect((await other.get("/api/session")).status).toBe(401);
    await demo.stop();
  });
});

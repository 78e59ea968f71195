import { CUSTOMER } from "./testing/small-company.ts";
import { startFixture, type TwinFixture } from "./testing/twin-fixture.ts";

let nowMs = Date.now();
let fixture: TwinFixture;
beforeEach(async () => {
  nowMs = Date.now();
  fixture = await startFixture({ nowMs: () => nowMs });
});
afterEach(() => fixture.close());

const callback = () => `${fixture.twin.gatewayUrl}/auth/callback?from=wecom`;
const authorizeUrl = (change: Record<string, string> = {}) => {
  const query = new URLSearchParams({
    appid: fixture.twin.world.corp.corpId,
    redirect_uri: callback(),
    response_type: "code",
    scope: "snsapi_base",
    state: "abc123",
    agentid: "1000002",
    ...change,
  });
  return `${fixture.twin.url}/connect/oauth2/authorize?${query.toString()}`;
};
const visit = (url: string, cookie = "") =>
  fetch(url, { redirect: "manual", headers: cookie === "" ? {} : { cookie } });
const postForm = (url: string, form: Record<string, string>) =>
  fetch(url, { method: "POST", redirect: "manual", body: new URLSearchParams(form) });
const exchange = (code: string) => fixture.call("app", `/auth/getuserinfo?code=${code}`);
const target = (answer: Response) => new URL(answer.headers.get("location") ?? "");

describe("login inside the client", () => {
  test("sends the person of the cookie back with a code that works once", async () => {
    const answer = await visit(authorizeUrl(), "twin_member=chenli");
    expect(answer.status).toBe(302);
    const back = target(answer);
    expect(back.origin).toBe(fixture.twin.gatewayUrl);
    expect(back.searchParams.get("from")).toBe("wecom");
    expect(back.searchParams.get("state")).toBe("abc123");
    const code = back.searchParams.get("code")!;
    expect(await exchange(code)).toMatchObject({ errcode: 0, userid: "chenli" });
    expect(await exchange(code)).toMatchObject({ errcode: 42022 });
    expect(await exchange("made-up")).toMatchObject({ errcode: 40029 });
    expect(await fixture.call("app", "/auth/getuserinfo")).toMatchObject({ errcode: 41008 });
  });

  test("a code ends after five minutes", async () => {
    const code = fixture.twin.issueOAuthCode("chenli");
    nowMs += 300_000;
    expect(await exchange(code)).toMatchObject({ errcode: 42003 });
  });

  test("who is no member has an openid, a customer also an external id", async () => {
    const customer = await exchange(fixture.twin.issueOAuthCode(CUSTOMER));
    expect(customer).toMatchObject({ external_userid: CUSTOMER });
    expect(customer["openid"]).toMatch(/^o.{27}$/);
    expect(customer).not.toHaveProperty("userid");
    const outsider = await exchange(fixture.twin.issueOAuthCode("outsider"));
    expect(outsider).not.toHaveProperty("external_userid");
  });

  test.each([
    ["another corp", { appid: "wwother" }, "40013"],
    ["another host", { redirect_uri: "http://evil.example/" }, "50001"],
    ["another port", { redirect_uri: "http://localhost:1/" }, "50001"],
    ["no address", { redirect_uri: "javascript:alert(1)" }, "50001"],
    ["a state with signs", { state: "a<b>" }, "40035"],
  ])("refuses %s on a page of its own", async (_, change, code) => {
    const answer = await visit(authorizeUrl(change), "twin_member=chenli");
    expect(answer.status).toBe(200);
    const page = await answer.text();
    expect(page).toContain(`错误码 ${code}`);
    expect(page).not.toContain("a<b>");
  });

  test("asks who is there when nobody is known, and goes on with the answer", async () => {
    const question = await visit(authorizeUrl());
    const page = await question.text();
    expect(page).toContain("陈丽");
    expect(page).not.toContain("<script");
    const next = new URL(authorizeUrl());
    const answer = await postForm(`${fixture.twin.url}/client/choose`, {
      member: "zhangwei",
      next: next.pathname + next.search,
    });
    expect(answer.headers.get("set-cookie")).toMatch(
      /^twin_member=zhangwei; path=\/; samesite=lax; httponly/,
    );
    expect(answer.headers.get("location")).toBe(next.pathname + next.search);
    const elsewhere = await postForm(`${fixture.twin.url}/client/choose`, {
      member: "zhangwei",
      next: "//evil.example/",
    });
    expect(elsewhere.status).toBe(400);
  });
});

describe("login in a desktop browser", () => {
  const login = (change: Record<string, string> = {}) => ({
    login_type: "CorpApp",
    appid: fixture.twin.world.corp.corpId,
    agentid: "1000002",
    redirect_uri: callback(),
    state: "xyz",
    ...change,
  });
  const url = () => `${fixture.twin.url}/wwlogin/sso/login`;

  test("offers the members, admins marked and first, and sends the chosen one back", async () => {
    const page = await (await visit(`${url()}?${new URLSearchParams(login()).toString()}`)).text();
    expect(page.indexOf("刘洋")).toBeLessThan(page.indexOf("陈丽"));
    expect(page.match(/管理员<\/span>/g)).toHaveLength(2);
    const back = target(await postForm(url(), login({ member: "liuyang" })));
    expect(back.searchParams.get("state")).toBe("xyz");
    expect(await exchange(back.searchParams.get("code")!)).toMatchObject({ userid: "liuyang" });
  });

  test("refuses what the real page refuses, also when the form is forged", async () => {
    const forms = [
      login({ redirect_uri: "http://evil.example/", member: "liuyang" }),
      login({ agentid: "7", member: "liuyang" }),
      login({ login_type: "ServiceApp", member: "liuyang" }),
    ];
    for (const form of forms)
      expect(await (await postForm(url(), form)).text()).toContain("错误码");
    expect((await postForm(url(), login({ member: CUSTOMER }))).status).toBe(400);
  });
});

test("the client opens a page of the product as somebody, and nothing else", async () => {
  const open = (query: Record<string, string>) =>
    visit(`${fixture.twin.url}/client/open?${new URLSearchParams(query).toString()}`);
  const url = `${fixture.twin.gatewayUrl}/sidebar/?a=1`;
  const answer = await open({ as: "ChenLi", entry: "single_chat_tools", url });
  expect(answer.headers.get("location")).toBe(url);
  expect(answer.headers.get("set-cookie")).toContain("twin_member=chenli");
  const bad = [
    { as: "chenli", entry: "normal", url: "http://evil.example/" },
    { as: "chenli", entry: "backdoor", url },
    { as: "nobody", entry: "normal", url },
  ];
  for (const query of bad) expect((await open(query)).status).toBe(400);
});

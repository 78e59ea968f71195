import { createSignIn, SignInCodeError } from "../../../server/src/wecom/sign-in.ts";
import type { SignIn } from "../../../server/src/wecom/sign-in.ts";
import { plainClient, startFakeWecom, testConfig } from "./fake-wecom.ts";
import type { FakeWecom } from "./fake-wecom.ts";

describe("signing in", () => {
  let fake: FakeWecom;
  let signIn: SignIn;
  beforeEach(async () => {
    fake = await startFakeWecom();
    signIn = createSignIn(testConfig(fake.url), plainClient(fake));
  });
  afterEach(() => fake.close());

  const target = { redirectUri: "https://crm.example.com:8443/in?a=1&b=2", state: "Abc123" };
  const redirect = "https%3A%2F%2Fcrm.example.com%3A8443%2Fin%3Fa%3D1%26b%3D2";

  it("has WeCom's own addresses, to the letter", () => {
    expect(signIn.authorizeUrl(target)).toBe(
      `https://open.weixin.qq.com/connect/oauth2/authorize?appid=ww6a112864f8022910&redirect_uri=${redirect}&response_type=code&scope=snsapi_base&state=Abc123&agentid=1000002#wechat_redirect`,
    );
    expect(signIn.webLoginUrl(target)).toBe(
      `https://login.work.weixin.qq.com/wwlogin/sso/login?login_type=CorpApp&appid=ww6a112864f8022910&agentid=1000002&redirect_uri=${redirect}&state=Abc123&lang=zh`,
    );
  });

  it.each(["", "a-b", "a".repeat(129)])("does not make an address with the state %j", (state) => {
    expect(() => signIn.authorizeUrl({ ...target, state })).toThrow();
    expect(() => signIn.webLoginUrl({ ...target, state })).toThrow();
  });

  it("knows the member, in lower case", async () => {
    fake.on("/auth/getuserinfo", () => ({ errcode: 0, errmsg: "ok", userid: "ChenLi" }));
    expect(await signIn.memberOfCode("code-1")).toEqual({ memberId: "chenli" });
    expect(fake.requests[0]!.query.get("code")).toBe("code-1");
  });

  it.each([{ openid: "o" }, { openid: "o", external_userid: "wmA" }, { userid: "" }, {}])(
    "takes nobody else for a member: %j",
    async (answer) => {
      fake.on("/auth/getuserinfo", () => ({ errcode: 0, errmsg: "ok", ...answer }));
      expect(await signIn.memberOfCode("code")).toEqual({ outsider: true });
    },
  );

  it.each([40029, 42003, 42022])("a code refused with %i is typed", async (errcode) => {
    fake.on("/auth/getuserinfo", () => ({ errcode }));
    await expect(signIn.memberOfCode("code")).rejects.toBeInstanceOf(SignInCodeError);
    expect(fake.count("/auth/getuserinfo")).toBe(1);
  });

  it("a code goes out once, even when WeCom is busy", async () => {
    fake.on("/auth/getuserinfo", () => ({ errcode: -1 }));
    await expect(signIn.memberOfCode("code")).rejects.toMatchObject({ errcode: -1 });
    expect(fake.count("/auth/getuserinfo")).toBe(1);
  });

  it("what cannot be a code does not go out at all", async () => {
    await expect(signIn.memberOfCode("")).rejects.toBeInstanceOf(SignInCodeError);
    await expect(signIn.memberOfCode("x".repeat(513))).rejects.toBeInstanceOf(SignInCodeError);
    expect(fake.requests).toHaveLength(0);
  });
});

import type { Router, RouterContext } from "@koa/router";
import getRawBody from "raw-body";
import { Refusal } from "./refusal.ts";
import { chooserPage, OUTSIDER_ID, refusalPage } from "./oauth-pages.ts";
import type { World } from "./world.ts";

/** Names who is browsing; the frame of each page has a cookie jar of its own. */
const COOKIE = "twin_member";
const ENTRIES = new Set([
  "contact_profile",
  "single_chat_tools",
  "group_chat_tools",
  "chat_attachment",
  "normal",
]);

/** A login that a product asks for. */
interface LoginRequest {
  appId: string;
  agentId: string;
  redirectUri: string;
  state: string;
}

/** The login pages of open.weixin.qq.com and login.work.weixin.qq.com, and how a client opens a page. */
export function registerOAuthRoutes(router: Router, world: World): void {
  router.get("/connect/oauth2/authorize", (ctx) => {
    const refusal = refuse(world, readLogin(ctx.query));
    if (refusal !== null) {
      showPage(ctx, refusal);
      return;
    }
    const person = knownPerson(world, ctx.cookies.get(COOKIE));
    if (person !== null) {
      sendBack(ctx, world, readLogin(ctx.query), person);
      return;
    }
    showPage(
      ctx,
      chooserPage(world, {
        title: "你是谁？",
        intro: "这个浏览器里还没有打开企业微信。选一个人，以他的身份继续。",
        action: "/client/choose",
        hidden: { next: ctx.url },
        hasOutsider: true,
      }),
    );
  });

  router.post("/client/choose", async (ctx) => {
    const form = await readForm(ctx);
    const person = knownPerson(world, form.get("member") ?? undefined);
    const next = form.get("next") ?? "";
    // Only back to where the question came from.
    if (person === null || !next.startsWith("/connect/oauth2/authorize?")) {
      throw new Refusal(400, "这个选择不能继续登录");
    }
    setPerson(ctx, person);
    ctx.redirect(next);
  });

  router.get("/wwlogin/sso/login", (ctx) => {
    const refusal = refuse(world, readLogin(ctx.query)) ?? refuseSso(world, ctx.query);
    if (refusal !== null) {
      showPage(ctx, refusal);
      return;
    }
    showPage(
      ctx,
      chooserPage(world, {
        title: "企业微信登录",
        intro: `登录「${world.corp.appName}」。真实环境中这里是扫码，影子企业里直接选一个人。`,
        action: "/wwlogin/sso/login",
        hidden: Object.fromEntries(new URLSearchParams(ctx.querystring)),
        hasOutsider: false,
      }),
    );
  });

  router.post("/wwlogin/sso/login", async (ctx) => {
    const form = Object.fromEntries(await readForm(ctx));
    const login = readLogin(form);
    const refusal = refuse(world, login) ?? refuseSso(world, form);
    if (refusal !== null) {
      showPage(ctx, refusal);
      return;
    }
    const member = world.directory.findMember(form["member"] ?? "");
    if (member === undefined) throw new Refusal(400, "没有这个成员");
    sendBack(ctx, world, login, member.id);
  });

  router.get("/client/open", (ctx) => {
    const { as, entry, url } = ctx.query;
    const person = knownPerson(world, first(as));
    const isOpenable = ENTRIES.has(first(entry)) && isOfProduct(world, first(url));
    if (person === null || !isOpenable) throw new Refusal(400, "只能以认识的人打开产品的页面");
    setPerson(ctx, person);
    ctx.redirect(first(url));
  });
}

type Query = Record<string, string | string[] | undefined>;

function first(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? "";
}

function readLogin(query: Query): LoginRequest {
  return {
    appId: first(query["appid"]),
    agentId: first(query["agentid"]),
    redirectUri: first(query["redirect_uri"]),
    state: first(query["state"]),
  };
}

/** The page that says why a login cannot go on, or null. */
function refuse(world: World, { appId, redirectUri, state }: LoginRequest): string | null {
  if (appId !== world.corp.corpId) return refusalPage(40013, "企业 ID 不正确", appId);
  if (!isOfProduct(world, redirectUri)) {
    return refusalPage(50001, "回调地址不在应用的可信域名下", redirectUri);
  }
  if (!/^[a-zA-Z0-9]{0,128}$/.test(state)) {
    return refusalPage(40035, "state 只能是字母和数字，最多 128 个", state);
  }
  return null;
}

function refuseSso({ corp }: World, query: Query): string | null {
  const { agentId } = readLogin(query);
  if (agentId !== String(corp.agentId)) return refusalPage(-31028, "应用 ID 不正确", agentId);
  const loginType = first(query["login_type"]);
  return loginType === "CorpApp" ? null : refusalPage(-31040, "登录类型不正确", loginType);
}

/** Host and port must be the trusted domain's. */
function isOfProduct({ publicUrl }: World, address: string): boolean {
  return URL.canParse(address) && new URL(address).origin === new URL(publicUrl()).origin;
}

function sendBack(
  ctx: RouterContext,
  { oauth }: World,
  { redirectUri, state }: LoginRequest,
  personId: string,
): void {
  const target = new URL(redirectUri);
  target.searchParams.set("code", oauth.issue(personId));
  if (state !== "") target.searchParams.set("state", state);
  ctx.redirect(target.href);
}

/** A member, a customer (who has WeChat only) or the outsider; null for anything else. */
function knownPerson({ directory }: World, id: string | undefined): string | null {
  if (id === undefined || id === "") return null;
  const isCustomer = directory.findCustomer(id) !== undefined || id === OUTSIDER_ID;
  return directory.findMember(id)?.id ?? (isCustomer ? id : null);
}

function setPerson(ctx: RouterContext, personId: string): void {
  ctx.cookies.set(COOKIE, personId, { httpOnly: true, sameSite: "lax", overwrite: true });
}

async function readForm(ctx: RouterContext): Promise<URLSearchParams> {
  return new URLSearchParams(await getRawBody(ctx.req, { encoding: "utf8", limit: "64kb" }));
}

function showPage(ctx: RouterContext, html: string): void {
  ctx.set("Cache-Control", "no-store");
  ctx.type = "html";
  ctx.body = html;
}

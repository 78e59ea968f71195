import { setTimeout as pause } from "node:timers/promises";
import type Koa from "koa";
import getRawBody from "raw-body";
import type { SecretKind } from "../corp.ts";
import type { World } from "../world.ts";
import type { Endpoint, Fields } from "./endpoint.ts";
import { endpoints } from "./registry.ts";
import { formatError, WecomError } from "./wecom-error.ts";

const PREFIX = "/cgi-bin";
const MAX_BODY = "2mb";
const CHAT_DATA = "/message/getchatdata";

/** Answers everything below `/cgi-bin`: HTTP 200 always, the outcome in `errcode`. */
export function serveApi(world: World, log: (line: string) => void): Koa.Middleware {
  const byPath = new Map(endpoints.map((endpoint) => [endpoint.path, endpoint]));
  return async (ctx, next) => {
    if (!ctx.path.startsWith(`${PREFIX}/`)) {
      await next();
      return;
    }
    const { apiDelayMs } = world.faults.current();
    if (apiDelayMs > 0) await pause(apiDelayMs);
    const path = ctx.path.slice(PREFIX.length);
    ctx.status = 200;
    try {
      const rawBody = await getRawBody(ctx.req, { encoding: "utf8", limit: MAX_BODY });
      const answer = callEndpoint(world, byPath.get(path), path, ctx, rawBody);
      const body = { errcode: 0, errmsg: "ok", ...answer };
      const isCutOff = path === CHAT_DATA && world.faults.pageFault() === "cut_off";
      ctx.body = isCutOff ? cutOff(JSON.stringify(body)) : body;
    } catch (error) {
      if (!(error instanceof WecomError)) log(`${path}: ${String(error)}`);
      const refusal = error instanceof WecomError ? error : new WecomError(-1);
      ctx.body = formatError(refusal, ctx.ip, world.now());
    }
  };
}

function callEndpoint(
  world: World,
  endpoint: Endpoint | undefined,
  path: string,
  ctx: Koa.Context,
  rawBody: string,
): Fields {
  const fault = world.faults.errcodeFor(path);
  if (fault !== 0) throw new WecomError(fault);
  if (endpoint === undefined) throw new WecomError(40058, "unknown api");
  const query = new URLSearchParams(ctx.querystring);
  const kind = endpoint.allowed === "none" ? null : checkToken(world, endpoint.allowed, query);
  if (!world.limits.allow(path)) throw new WecomError(45009);
  if (ctx.method !== endpoint.method) {
    throw new WecomError(40058, `require ${endpoint.method} method`);
  }
  return endpoint.handler(
    {
      query,
      body: endpoint.method === "POST" ? parseBody(rawBody) : {},
      rawBody,
      header: (name) => ctx.get(name),
      setHeader: (name, value) => ctx.set(name, value),
      ip: ctx.ip,
      kind,
    },
    world,
  );
}

/** The token counts in the query only. */
function checkToken(
  { tokens }: World,
  allowed: readonly SecretKind[],
  query: URLSearchParams,
): SecretKind {
  const token = query.get("access_token") ?? "";
  if (token === "") throw new WecomError(41001);
  const state = tokens.check(token);
  if (state.is === "unknown") throw new WecomError(40014);
  if (state.is === "expired") throw new WecomError(42001);
  if (!allowed.includes(state.kind)) throw new WecomError(48002);
  return state.kind;
}

/** JSON whatever the content type says: the archive SDK posts it as a form. */
function parseBody(rawBody: string): Fields {
  try {
    const body: unknown = JSON.parse(rawBody);
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Fields;
  } catch {
    // Answered below, like any other body that is not an object.
  }
  throw new WecomError(40058, "Warning: wrong json format. invalid Request Parameter");
}

function cutOff(text: string): string {
  return text.slice(0, text.length >> 1);
}

import { PassThrough } from "node:stream";
import type { Router, RouterContext } from "@koa/router";
import getRawBody from "raw-body";
import { z } from "zod";
import { addRule, changeRule, removeRule } from "./api/intercept-rules.ts";
import { WecomError } from "./api/wecom-error.ts";
import { createBridge } from "./bridge.ts";
import { tapCard } from "./cards.ts";
import type { ConversationList, MessagePage, PhoneView } from "./client-contract.ts";
import {
  viewArchive,
  viewCompany,
  viewConversation,
  viewInterceptRules,
  viewMessage,
} from "./client-views.ts";
import { findObjection } from "./intercept.ts";
import { Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

const HEARTBEAT_MS = 15_000;

const listQuery = z.object({
  memberId: z.string(),
  query: z.string().default(""),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  offset: z.coerce.number().int().min(0).default(0),
});
const pageQuery = z.object({
  conversationId: z.string(),
  beforeId: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const memberQuery = z.object({ memberId: z.string() });
const messageBody = z.object({
  conversationId: z.string(),
  fromId: z.string(),
  text: z.string().min(1).max(4000),
  isConfirmed: z.boolean().default(false),
});
const interceptBody = z.object({ name: z.string(), word: z.string() });
const tapBody = z.object({ memberId: z.string(), msgId: z.string(), buttonKey: z.string() });
const bridgeBody = z.object({
  memberId: z.string(),
  conversationId: z.string().nullable(),
  entry: z.string(),
  frameUrl: z.string(),
  name: z.string(),
  params: z.record(z.string(), z.unknown()),
});
const faultsBody = z
  .object({
    apiErrcode: z.number().int(),
    apiDelayMs: z.number().int().min(0).max(60_000),
    expireTokens: z.boolean(),
    callbackCopies: z.number().int().min(1).max(20),
    dropCallbacks: z.boolean(),
    corruptArchive: z.boolean(),
  })
  .partial();
const rotateBody = z.object({ deliver: z.boolean() });

/** The HTTP interface of the twin's own pages; see client-contract.ts. Refusals are `{error: 中文}`. */
export function registerClientRoutes(router: Router, world: World): void {
  registerChatRoutes(router, world);
  registerPhoneRoutes(router, world);
  registerControlRoutes(router, world);
}

function registerChatRoutes(router: Router, world: World): void {
  const { chat, conversations } = world;
  const bridge = createBridge(world);

  router.get("/client/api/company", (ctx) => (ctx.body = viewCompany(world)));

  router.get("/client/api/conversations", (ctx) => {
    const { memberId, query, limit, offset } = parse(listQuery, ctx.query);
    const needle = query.trim().toLowerCase();
    const found = conversations
      .listOf(memberId)
      .flatMap((row) => viewConversation(world, row) ?? [])
      .filter((view) => `${view.title}\n${view.lastText}`.toLowerCase().includes(needle));
    const page = found.slice(offset, offset + limit);
    ctx.body = { total: found.length, conversations: page } satisfies ConversationList;
  });

  router.get("/client/api/messages", (ctx) => {
    const { conversationId, beforeId, limit } = parse(pageQuery, ctx.query);
    // One more than asked for tells whether there is more.
    const rows = chat.page(conversationId, limit + 1, beforeId);
    const hasOlder = rows.length > limit;
    const messages = rows.slice(hasOlder ? 1 : 0).map((row) => viewMessage(world, row));
    ctx.body = { messages, hasOlder } satisfies MessagePage;
  });

  router.post("/client/api/messages", async (ctx) => {
    const { conversationId, fromId, text, isConfirmed } = parse(messageBody, await readJson(ctx));
    const conversation = conversations.find(conversationId);
    if (conversation === undefined) throw new Refusal(404, "没有这个会话");
    const { memberIds, customerIds } = conversations.parties(conversation);
    if (![...memberIds, ...customerIds].includes(fromId))
      throw new Refusal(403, "这个人不在会话里");
    const objection = findObjection(world, { fromId, customerIds, text });
    if (objection?.action === "block") {
      throw new Refusal(403, `企业微信拦截了这条消息，${objection.reason}`);
    }
    if (objection && !isConfirmed) throw new Refusal(409, `这条消息${objection.reason}`);
    ctx.body = viewMessage(world, chat.send(conversationId, fromId, { kind: "text", text }));
  });

  router.post("/client/api/messages/:id/recall", (ctx) => {
    const id = ctx.params["id"] ?? "";
    if (chat.find(id) === undefined) throw new Refusal(404, "没有这条消息");
    ctx.body = viewMessage(world, chat.recall(id));
  });

  router.get("/client/api/events", (ctx) => streamEvents(ctx, world));

  router.post("/client/api/bridge", async (ctx) => {
    ctx.body = bridge.call(parse(bridgeBody, await readJson(ctx)));
  });
}

function registerPhoneRoutes(router: Router, world: World): void {
  router.get("/client/api/phone", (ctx) => {
    const { memberId } = parse(memberQuery, ctx.query);
    const items = world.phone.list(memberId);
    ctx.body = { memberId, appName: world.corp.appName, items } satisfies PhoneView;
  });

  router.post("/client/api/phone/tap", async (ctx) => {
    const tap = parse(tapBody, await readJson(ctx));
    const outcome = tapCard(world, tap);
    if (outcome.is === "unknown") throw new Refusal(404, "没有这张卡片");
    if (outcome.is === "gone") throw new Refusal(409, "这张卡片已经处理过了");
    ctx.body = world.phone.find(tap.memberId, tap.msgId);
  });
}

function registerControlRoutes(router: Router, world: World): void {
  const { faults, keys } = world;
  router.get("/client/api/intercept-rules", (ctx) => (ctx.body = viewInterceptRules(world)));
  router.post("/client/api/intercept-rules", async (ctx) => {
    const { name, word } = parse(interceptBody, await readJson(ctx));
    const everybody = { department_list: [1] };
    const rule = { rule_name: name, word_list: [word], applicable_range: everybody };
    asAdmin(() => addRule(world, { ...rule, intercept_type: 2 }, "console"));
    ctx.body = viewInterceptRules(world);
  });
  router.post("/client/api/intercept-rules/:id/drop-word", (ctx) => {
    const rule = viewInterceptRules(world).find(({ id }) => id === ctx.params["id"]);
    if (rule === undefined) throw new Refusal(404, "没有这条规则");
    if (rule.words.length < 2) throw new Refusal(409, "只剩一个词，请直接删除规则");
    const change = { rule_id: rule.id, word_list: rule.words.slice(1) };
    asAdmin(() => changeRule(world, change, "console"));
    ctx.body = viewInterceptRules(world);
  });
  router.post("/client/api/intercept-rules/:id/delete", (ctx) => {
    asAdmin(() => removeRule(world, { rule_id: ctx.params["id"] ?? "" }, "console"));
    ctx.body = viewInterceptRules(world);
  });
  router.get("/client/api/faults", (ctx) => (ctx.body = faults.current()));
  router.patch("/client/api/faults", async (ctx) => {
    const change = parse(faultsBody, await readJson(ctx));
    const given = Object.entries(change).filter(([, value]) => value !== undefined);
    ctx.body = faults.set(Object.fromEntries(given));
  });
  router.get("/client/api/archive", (ctx) => (ctx.body = viewArchive(world)));
  router.post("/client/api/archive/rotate-key", async (ctx) => {
    keys.rotate(parse(rotateBody, await readJson(ctx)).deliver);
    ctx.body = viewArchive(world);
  });
  router.post("/client/api/archive/deliver-keys", (ctx) => {
    keys.deliverAll();
    ctx.body = viewArchive(world);
  });
}

/** What the API refuses, the console's page says in a sentence. */
function asAdmin(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (error instanceof WecomError) throw new Refusal(409, `没有成功：${error.message}`);
    throw error;
  }
}

function streamEvents(ctx: RouterContext, { clientEvents }: World): void {
  const { memberId } = parse(memberQuery, ctx.query);
  const stream = new PassThrough();
  const unsubscribe = clientEvents.subscribe(memberId, (name, data) => {
    stream.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  });
  const heartbeat = setInterval(() => stream.write(": still here\n\n"), HEARTBEAT_MS).unref();
  ctx.res.on("close", () => {
    unsubscribe();
    clearInterval(heartbeat);
    stream.end();
  });
  ctx.set({ "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  ctx.status = 200;
  stream.write(": hello\n\n");
  ctx.body = stream;
}

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  const result = schema.safeParse(input);
  if (!result.success)
    throw new Refusal(400, `请求不正确：${result.error.issues[0]?.message ?? ""}`);
  return result.data;
}

async function readJson(ctx: RouterContext): Promise<unknown> {
  const text = await getRawBody(ctx.req, { encoding: "utf8", limit: "256kb" });
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "请求不是 JSON");
  }
}

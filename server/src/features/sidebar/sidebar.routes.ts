import type { Context } from "koa";
import {
  customerContext,
  customerParams,
  draftCheckRequest,
  draftCheckView,
  eventsQuery,
  groupContext,
  groupParams,
  sidebarRules,
  sidebarRulesParams,
} from "#shared/contract/sidebar";
import { openEventStream } from "../../platform/http/event-stream.ts";
import type { Actor, ApiRoutes } from "../sign-in/actor.ts";
import type { SessionWatch } from "../sign-in/session-watch.ts";
import type { ChatTarget, Sidebar } from "./sidebar.service.ts";

/** The salesperson's page beside the chat. */
export function addSidebarRoutes(
  routes: ApiRoutes,
  { sidebar, sessionWatch }: { sidebar: Sidebar; sessionWatch: SessionWatch },
): void {
  routes.get(
    "/api/sidebar/customers/:customerId",
    { allow: "own.use", params: customerParams, response: customerContext },
    ({ actor, params }) => sidebar.customerContext(actor, params.customerId),
  );

  routes.get(
    "/api/sidebar/groups/:chatId",
    { allow: "own.use", params: groupParams, response: groupContext },
    ({ actor, params }) => sidebar.groupContext(actor, params.chatId),
  );

  routes.get("/api/sidebar/rules", { allow: "own.use", response: sidebarRules }, () =>
    sidebar.rules(),
  );

  routes.get(
    "/api/sidebar/rules/:file",
    { allow: "own.use", params: sidebarRulesParams },
    async ({ ctx, params }) => {
      ctx.body = await sidebar.rulesFile(params.file);
      ctx.type = "application/octet-stream";
      ctx.set("Cache-Control", "private, max-age=31536000, immutable");
      return undefined;
    },
  );

  routes.post(
    "/api/sidebar/drafts/check",
    { allow: "own.use", body: draftCheckRequest, response: draftCheckView },
    ({ body }) => sidebar.checkDraft(body.text),
  );

  routes.get(
    "/api/sidebar/events",
    { allow: "own.use", query: eventsQuery },
    async ({ actor, query, ctx }) => {
      await streamEvents(ctx, { actor, target: query, sidebar, sessionWatch });
      return undefined;
    },
  );
}

interface StreamDeps {
  actor: Actor;
  target: ChatTarget;
  sidebar: Sidebar;
  sessionWatch: SessionWatch;
}

/** Open until the page goes away or the session ends; a refusal comes before the stream does. */
async function streamEvents(ctx: Context, deps: StreamDeps): Promise<void> {
  const { actor, target, sidebar, sessionWatch } = deps;
  const stops: (() => void)[] = [];
  let send: (event: string, data: unknown) => void = () => undefined;
  stops.push(
    await sidebar.listen(actor, target, {
      warning: (warning) => send("warning", warning),
      rules: (change) => send("rules", change),
    }),
  );
  const stream = openEventStream(ctx, () => {
    for (const stop of stops) stop();
  });
  send = (event, data) => stream.send(event, data);
  stops.push(sessionWatch.watch(ctx, actor.memberId, () => stream.end()));
}

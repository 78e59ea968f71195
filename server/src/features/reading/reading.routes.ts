import type { Context } from "koa";
import {
  conversationList,
  conversationListQuery,
  messagePage,
  messagePageQuery,
  ownReadings,
  ownReadingsQuery,
  readingParams,
  readingRequest,
  readingScope,
  readingView,
  searchDone,
  searchFound,
  searchProgress,
  searchRequest,
  searchView,
} from "#shared/contract/reading";
import {
  extensionList,
  extensionListQuery,
  extensionParams,
  extensionRequest,
  extensionView,
} from "#shared/contract/reading-extension";
import { unmaskMobileRequest, unmaskRequest, unmaskView } from "#shared/contract/unmasking";
import { openEventStream } from "../../platform/http/event-stream.ts";
import type { EventStream } from "../../platform/http/event-stream.ts";
import type { Logger } from "../../platform/log.ts";
import type { Actor, ApiRoutes } from "../sign-in/actor.ts";
import type { SessionWatch } from "../sign-in/session-watch.ts";
import type { Extensions } from "./extensions.service.ts";
import type { ReaderPages } from "./reader-pages.service.ts";
import type { Readings } from "./readings.service.ts";
import type { ReadingScopes } from "./reading-scope.ts";
import type { Unmasking } from "./unmasking.service.ts";
import type { SearchEvent, Searches } from "./search.service.ts";

export interface ReadingRouteDeps {
  readings: Readings;
  pages: ReaderPages;
  searches: Searches;
  scopes: Pick<ReadingScopes, "describe">;
  extensions: Extensions;
  unmasking: Unmasking;
  sessionWatch: SessionWatch;
  /** Calls back when what the member might read for some hours has ended; returns how to stop. */
  onPassingRightsEnded: (memberId: string, listener: () => void) => () => void;
  log: Logger;
}

/** Managers read and search the conversations of those whom they lead; everybody sees who read their own. */
export function addReadingRoutes(routes: ApiRoutes, deps: ReadingRouteDeps): void {
  const { readings, pages, scopes } = deps;
  addExtensionRoutes(routes, deps.extensions);
  addMobileRoute(routes, deps.unmasking);
  routes.post(
    "/api/manager/unmaskings",
    {
      allow: "field.unmask",
      needsFreshSignIn: true,
      body: unmaskRequest,
      response: unmaskView,
      status: 201,
    },
    ({ actor, body }) => deps.unmasking.unmask(actor, body),
  );

  routes.get(
    "/api/manager/conversations",
    { allow: "conversation.read", query: conversationListQuery, response: conversationList },
    ({ actor, query: { cursor, ...filter } }) => pages.list(actor.memberId, filter, cursor),
  );

  routes.get(
    "/api/manager/conversations/scope",
    { allow: "conversation.read", response: readingScope },
    ({ actor }) => scopes.describe(actor.memberId),
  );

  routes.post(
    "/api/manager/readings",
    { allow: "conversation.read", body: readingRequest, response: readingView, status: 201 },
    ({ actor, body }) => readings.start(actor, body),
  );

  routes.get(
    "/api/manager/readings/:id/messages",
    {
      allow: "conversation.read",
      params: readingParams,
      query: messagePageQuery,
      response: messagePage,
    },
    ({ actor, params, query }) => pages.messages(actor.memberId, params.id, query),
  );

  routes.post(
    "/api/manager/searches",
    { allow: "conversation.read", body: searchRequest, response: searchView, status: 201 },
    ({ actor, body }) => readings.startSearch(actor, body),
  );

  routes.get(
    "/api/manager/searches/:id/results",
    { allow: "conversation.read", params: readingParams },
    async ({ actor, params, ctx }) => {
      await streamResults(ctx, actor, params.id, deps);
      return undefined;
    },
  );

  routes.get(
    "/api/session/readings",
    { allow: "own.use", query: ownReadingsQuery, response: ownReadings },
    ({ actor, query }) => readings.listAbout(actor.memberId, query.cursor),
  );
}

/** Reading more than a few messages: asked for where one reads, looked at and ended in the console. */
function addExtensionRoutes(routes: ApiRoutes, extensions: Extensions): void {
  routes.post(
    "/api/manager/extensions",
    { allow: "conversation.read", body: extensionRequest, response: extensionView, status: 201 },
    ({ actor, body }) => extensions.request(actor, body),
  );

  routes.get(
    "/api/extensions",
    { allow: "own.use", query: extensionListQuery, response: extensionList },
    ({ actor, query }) => extensions.list(actor, query.cursor),
  );

  routes.post(
    "/api/extensions/:id/end",
    { allow: "own.use", params: extensionParams, response: extensionView },
    ({ actor, params }) => extensions.end(actor, params.id),
  );
}

/** A salesperson's own note of a customer's number. */
function addMobileRoute(routes: ApiRoutes, unmasking: Unmasking): void {
  routes.post(
    "/api/sidebar/unmaskings",
    {
      allow: "own.use",
      needsFreshSignIn: true,
      body: unmaskMobileRequest,
      response: unmaskView,
      status: 201,
    },
    ({ actor, body }) => unmasking.unmaskMobile(actor, body),
  );
}

/** Closing the stream cancels the search; so does the end of the session. A refusal comes before the stream does. */
async function streamResults(
  ctx: Context,
  actor: Actor,
  searchId: string,
  { searches, sessionWatch, onPassingRightsEnded, log }: ReadingRouteDeps,
): Promise<void> {
  const closing = new AbortController();
  const events = await searches.open(actor.memberId, searchId, closing.signal);
  const stream = openEventStream(ctx, () => closing.abort());
  const end = (): void => {
    closing.abort();
    stream.end();
  };
  const stopWatching = [
    sessionWatch.watch(ctx, actor.memberId, end),
    onPassingRightsEnded(actor.memberId, end),
  ];
  closing.signal.addEventListener("abort", () => {
    for (const stop of stopWatching) stop();
  });
  void tell(events, stream, closing.signal)
    .catch((error: unknown) => log.error({ err: error, searchId }, "a search has broken off"))
    .finally(() => stream.end());
}

async function tell(
  events: AsyncGenerator<SearchEvent, void>,
  stream: EventStream,
  signal: AbortSignal,
): Promise<void> {
  for await (const event of events) {
    // Leaving the loop ends the search.
    if (signal.aborted) return;
    stream.send(event.event, toContract(event));
  }
}

/** Drops what the contract does not name, as every answer's schema does. */
function toContract(event: SearchEvent): unknown {
  switch (event.event) {
    case "progress":
      return searchProgress.parse(event.data);
    case "found":
      return searchFound.parse(event.data);
    case "done":
      return searchDone.parse(event.data);
  }
}

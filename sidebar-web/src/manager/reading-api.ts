/** What the pages for reading and searching ask of the server. */
import type {
  ConversationFilter,
  ConversationList,
  MessagePage,
  MessagePageQuery,
  ReadingRequest,
  ReadingScope,
  ReadingView,
  SearchRequest,
  SearchView,
} from "#shared/contract/reading";
import type { ExtensionRequest, ExtensionView } from "#shared/contract/reading-extension";
import type { UnmaskRequest, UnmaskView } from "#shared/contract/unmasking";
import { api } from "../page-api.ts";

/** As it stands in an address; what is not given stays out. */
function toQuery(values: Record<string, unknown>): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "string" || typeof value === "number" ? String(value) : undefined,
    ]),
  );
}

export function listConversations(
  filter: ConversationFilter,
  cursor?: string,
): Promise<ConversationList> {
  return api.get("/api/manager/conversations", toQuery({ ...filter, cursor }));
}

export function getScope(): Promise<ReadingScope> {
  return api.get("/api/manager/conversations/scope");
}

export function startReading(request: ReadingRequest): Promise<ReadingView> {
  return api.post("/api/manager/readings", request);
}

export function listMessages(readingId: string, query: MessagePageQuery): Promise<MessagePage> {
  const path = `/api/manager/readings/${encodeURIComponent(readingId)}/messages`;
  return api.get(path, toQuery(query));
}

export function requestExtension(request: ExtensionRequest): Promise<ExtensionView> {
  return api.post("/api/manager/extensions", request);
}

export function unmask(request: UnmaskRequest): Promise<UnmaskView> {
  return api.post("/api/manager/unmaskings", request);
}

/** For an element that loads it itself: a picture, a player, a link. */
export function mediaUrl(readingId: string, mediaId: string, download?: "yes"): string {
  const path = `/api/manager/readings/${encodeURIComponent(readingId)}/media/${mediaId}`;
  return download ? `${path}?download=${download}` : path;
}

export function startSearch(request: SearchRequest): Promise<SearchView> {
  return api.post("/api/manager/searches", request);
}

export function searchResultsUrl(searchId: string): string {
  return `/api/manager/searches/${encodeURIComponent(searchId)}/results`;
}

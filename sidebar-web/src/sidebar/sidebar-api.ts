/** What the sidebar asks of the server. */
import type { OwnReadings } from "#shared/contract/reading";
import type { SessionView, SignaturesView } from "#shared/contract/session";
import type {
  CustomerContext,
  DraftCheckView,
  GroupContext,
  SidebarRules,
} from "#shared/contract/sidebar";
import type { UnmaskMobileRequest, UnmaskView } from "#shared/contract/unmasking";
import { api } from "../page-api.ts";
import type { DraftRulesFile } from "./draft-rules.ts";
import type { ChatTarget } from "./wecom-bridge.ts";

/** The customer's or the group's side of an answer is told apart by its key. */
export type ChatContext = CustomerContext | GroupContext;

export function getSession(): Promise<SessionView> {
  return api.get("/api/session");
}

export function getSignatures(url: string): Promise<SignaturesView> {
  return api.get("/api/jssdk/signatures", { url });
}

export function getChatContext({ kind, id }: ChatTarget): Promise<ChatContext> {
  const folder = kind === "customer" ? "customers" : "groups";
  return api.get(`/api/sidebar/${folder}/${encodeURIComponent(id)}`);
}

/** The file is named by its content: the browser keeps it, and fetches it once for each version. */
export async function getRules(): Promise<DraftRulesFile> {
  const { version, file } = await api.get<SidebarRules>("/api/sidebar/rules");
  const bytes = await api.getFile(`/api/sidebar/rules/${file}`);
  return { version, buffer: await bytes.arrayBuffer() };
}

export function checkDraft(text: string): Promise<DraftCheckView> {
  return api.post("/api/sidebar/drafts/check", { text });
}

/** Address of the live events of a chat. */
export function eventsUrl({ kind, id }: ChatTarget): string {
  const key = kind === "customer" ? "customerId" : "chatId";
  return `/api/sidebar/events?${key}=${encodeURIComponent(id)}`;
}

export function unmaskMobile(request: UnmaskMobileRequest): Promise<UnmaskView> {
  return api.post("/api/sidebar/unmaskings", request);
}

export function listOwnReadings(cursor?: string): Promise<OwnReadings> {
  return api.get("/api/session/readings", cursor === undefined ? {} : { cursor });
}

/**
 * The twin's own HTTP interface as functions, one per endpoint of `client-contract.ts`.
 * Each throws `ApiError` with a sentence that may be shown.
 */
import type {
  ArchiveState,
  BridgeRequest,
  CompanyView,
  ConversationList,
  Faults,
  InterceptRuleView,
  MessagePage,
  PhoneView,
  SendMessageRequest,
  TapRequest,
} from "../../client-contract.ts";
import { messages } from "./messages.ts";

/** `status` is 0 when the twin could not be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The sentence to show for whatever was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : messages.common.offline;
}

export const getCompany = () => request<CompanyView>("GET", "/company");

export function listConversations(
  memberId: string,
  page: { query: string; limit: number; offset: number },
) {
  return request<ConversationList>("GET", `/conversations?${query({ memberId, ...page })}`);
}

/** The newest page, or the page before the message `beforeId`; oldest first in either case. */
export function listMessages(conversationId: string, page: { limit: number; beforeId?: string }) {
  return request<MessagePage>("GET", `/messages?${query({ conversationId, ...page })}`);
}

export const sendMessage = (body: SendMessageRequest) => request("POST", "/messages", body);

export const recallMessage = (messageId: string) =>
  request("POST", `/messages/${encodeURIComponent(messageId)}/recall`, {});

export const getPhone = (memberId: string) =>
  request<PhoneView>("GET", `/phone?${query({ memberId })}`);

export const tapButton = (body: TapRequest) => request("POST", "/phone/tap", body);

export const callBridge = (body: BridgeRequest) =>
  request<Record<string, unknown>>("POST", "/bridge", body);

export const getFaults = () => request<Faults>("GET", "/faults");

export const updateFaults = (body: Partial<Faults>) => request<Faults>("PATCH", "/faults", body);

export const getArchive = () => request<ArchiveState>("GET", "/archive");

export const rotateKey = (body: { deliver: boolean }) =>
  request<ArchiveState>("POST", "/archive/rotate-key", body);

export const deliverKeys = () => request<ArchiveState>("POST", "/archive/deliver-keys", {});

export const listInterceptRules = () => request<InterceptRuleView[]>("GET", "/intercept-rules");

export const addInterceptRule = (body: { name: string; word: string }) =>
  request<InterceptRuleView[]>("POST", "/intercept-rules", body);

export const changeInterceptRule = (id: string, what: "drop-word" | "delete") =>
  request<InterceptRuleView[]>("POST", `/intercept-rules/${encodeURIComponent(id)}/${what}`, {});

/** Address of the live events of one person's client. */
export const eventsUrl = (memberId: string) => `/client/api/events?${query({ memberId })}`;

/** Address that signs a frame's fresh cookie jar in as a member and goes on to the product's page. */
export const openUrl = (target: { as: string; entry: string; url: string }) =>
  `/client/open?${query(target)}`;

/** A page of the product; `path` starts with a slash. */
export const productPage = (productUrl: string, path: string) =>
  productUrl.replace(/\/$/, "") + path;

function query(values: Record<string, string | number>): string {
  return new URLSearchParams(
    Object.entries(values).map(([name, value]) => [name, String(value)]),
  ).toString();
}

/** T is what the contract promises for the address; the twin is the only other side. */
async function request<T>(method: string, path: string, body?: object): Promise<T> {
  const init: RequestInit = { method };
  if (body) {
    init.headers = { "content-type": "application/json" };
    init.body = JSON.stringify(body);
  }
  const response = await fetch(`/client/api${path}`, init).catch(() => {
    throw new ApiError(0, messages.common.offline);
  });
  const answer = readJson(await response.text());
  if (!response.ok) throw new ApiError(response.status, refusal(answer, response.status));
  return answer as T;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function refusal(answer: unknown, status: number): string {
  const reason = (answer as { error?: unknown } | null)?.error;
  return typeof reason === "string" && reason ? reason : messages.common.httpError(status);
}

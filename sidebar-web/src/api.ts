/**
 * The one way from a page to the product's server: same origin, JSON, a time limit, and every failure an
 * {@link ApiError} with a sentence for the person. A session that is over sends the page to sign in again.
 */
import type { ErrorBody } from "#shared/contract/error";
import { errors, type ErrorCode } from "#shared/errors";
import { commonText } from "./common-messages.ts";

/** Codes of failures that happened before any answer of the server, beside the server's own. */
export type ApiErrorCode = ErrorCode | "no_connection" | "too_slow" | "bad_answer";

export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ApiErrorCode;
  /** Finds the line in the server's log; `null` when no answer came. */
  readonly requestId: string | null;
  /** Field by field what is wrong, in Chinese; empty unless the input was refused. */
  readonly fields: Readonly<Record<string, string>>;

  /** `message` is the sentence to show. */
  constructor(
    code: ApiErrorCode,
    message: string,
    details: { requestId?: string; fields?: Record<string, string> | undefined } = {},
  ) {
    super(message);
    this.code = code;
    this.requestId = details.requestId ?? null;
    this.fields = details.fields ?? {};
  }
}

/** What a page may do with any thrown value: show a sentence. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError("internal", errors.internal.text);
}

type Query = Readonly<Record<string, string | undefined>>;

export interface Api {
  get<T>(path: string, query?: Query): Promise<T>;
  getFile(path: string): Promise<Blob>;
  post<T>(path: string, body?: unknown): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
  /** A file as it is. */
  upload<T>(path: string, file: Blob, query?: Query): Promise<T>;
  delete<T>(path: string): Promise<T>;
}

export interface ApiDeps {
  fetch: typeof fetch;
  /** Leaves the page; what was typed must be kept by the page itself. False when it would run in circles. */
  goToSignIn: () => boolean;
  /** Signs in once more beside the page; false when that cannot or need not be. */
  stepUp: () => Promise<boolean>;
  timeoutMs: number;
}

function withQuery(path: string, query: Query): string {
  const pairs = Object.entries(query).filter((pair): pair is [string, string] => !!pair[1]);
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs).toString()}`;
}

function isErrorBody(body: unknown): body is ErrorBody {
  const candidate = body as Partial<ErrorBody> | null;
  return typeof candidate?.code === "string" && typeof candidate.message === "string";
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw new ApiError("bad_answer", commonText.badAnswer);
  }
}

async function readFailure(response: Response): Promise<ApiError> {
  const body = await readJson(response);
  if (!isErrorBody(body)) return new ApiError("bad_answer", commonText.badAnswer);
  // A newer server may know codes that this page does not; its sentence is shown all the same.
  const code = body.code in errors ? (body.code as ErrorCode) : "internal";
  return new ApiError(code, body.message, { requestId: body.requestId, fields: body.fields });
}

/** Sends a request, once more after a sign-in where that was asked for. */
async function send<T>(
  deps: ApiDeps,
  path: string,
  init: RequestInit,
  read: ReadBody = readJson,
): Promise<T> {
  try {
    return await sendOnce<T>(deps, path, init, read);
  } catch (error) {
    const isStepUp = error instanceof ApiError && error.code === "step_up_needed";
    if (isStepUp && (await deps.stepUp())) return await sendOnce<T>(deps, path, init, read);
    throw error;
  }
}

type ReadBody = (response: Response) => Promise<unknown>;

/** Throws {@link ApiError}; never resolves after the page was sent to sign in. */
async function sendOnce<T>(
  deps: ApiDeps,
  path: string,
  init: RequestInit,
  read: ReadBody,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), deps.timeoutMs);
  try {
    const response = await deps.fetch(path, {
      ...init,
      credentials: "same-origin",
      signal: limit.signal,
    });
    if (response.status === 401 && deps.goToSignIn()) return await new Promise<never>(() => {});
    if (!response.ok) throw await readFailure(response);
    // How long a file takes is up to its size.
    if (read !== readJson) clearTimeout(timer);
    return (response.status === 204 ? undefined : await read(response)) as T;
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (limit.signal.aborted) throw new ApiError("too_slow", commonText.tooSlow);
    throw new ApiError("no_connection", commonText.noConnection);
  } finally {
    clearTimeout(timer);
  }
}

/** The header that a forged cross-site form cannot set (the server refuses changes without it). */
const headers = { accept: "application/json", "x-requested-with": "wecom-guard" };

export function createApi(deps: ApiDeps): Api {
  const write = <T>(method: string, path: string, body: unknown): Promise<T> =>
    send<T>(deps, path, {
      method,
      headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    get: (path, query = {}) => send(deps, withQuery(path, query), { headers }),
    getFile: (path) => send(deps, path, { headers }, (response) => response.blob()),
    post: (path, body) => write("POST", path, body),
    put: (path, body) => write("PUT", path, body),
    upload: (path, file, query = {}) =>
      send(deps, withQuery(path, query), {
        method: "POST",
        headers: { ...headers, "content-type": file.type },
        body: file,
      }),
    delete: (path) => write("DELETE", path, undefined),
  };
}

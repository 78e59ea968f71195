import type { Twin } from "../simulator/twin.ts";
import { eventually } from "./eventually.ts";

export interface Answer<T = unknown> {
  status: number;
  /** The parsed JSON; undefined where the answer is none. */
  body: T;
  /** The answer as it came. */
  text: string;
}

export interface StreamEvent<T = unknown> {
  event: string;
  data: T;
  atMs: number;
}

/** An open event stream and what has come through it. */
export interface OpenStream<T> {
  events: StreamEvent<T>[];
  /** The first event that `isRight`, once it is there. */
  find(isRight: (event: StreamEvent<T>) => boolean, withinMs?: number): Promise<StreamEvent<T>>;
  close(): void;
}

/** A person's web view on the product: signed in through WeCom's pages, and all requests through the gateway. */
export interface WebClient {
  get<T = unknown>(path: string): Promise<Answer<T>>;
  post<T = unknown>(path: string, body?: object): Promise<Answer<T>>;
  put<T = unknown>(path: string, body: object): Promise<Answer<T>>;
  /** The same with a body as it is, however broken. */
  postText(path: string, body: string): Promise<Answer>;
  /** The answer as it comes, for what is no JSON. */
  fetch(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Any request at all, with this person's cookies and no header that a page would add. */
  send(
    path: string,
    init: Omit<RequestInit, "headers"> & { headers?: Record<string, string> },
  ): Promise<Response>;
  /** Resolves when the stream is open. */
  stream<T>(path: string): Promise<OpenStream<T>>;
}

const USER_AGENT = "Mozilla/5.0 wxwork/4.1.36";
const HOPS = 6;

/** Opens the product as this member does from WeCom and follows the redirects, with a cookie jar of its own. */
export async function signIn(twin: Twin, memberId: string): Promise<WebClient> {
  const jar = new Map<string, string>();
  const target = `${twin.gatewayUrl}/sign-in?returnTo=/sidebar/`;
  const query = new URLSearchParams({ as: memberId, entry: "normal", url: target });
  let address = `${twin.url}/client/open?${query.toString()}`;
  for (let hop = 0; hop < HOPS && new URL(address).pathname !== "/sidebar/"; hop += 1) {
    const answer = await fetch(address, { redirect: "manual", headers: headersWith(jar) });
    for (const line of answer.headers.getSetCookie()) keep(jar, line);
    const location = answer.headers.get("location");
    if (location === null) throw new Error(`sign-in ends at ${answer.status} ${address}`);
    address = new URL(location, address).href;
  }
  return createClient(twin.gatewayUrl, jar);
}

function createClient(origin: string, jar: ReadonlyMap<string, string>): WebClient {
  const exchange = async <T>(path: string, init: RequestInit): Promise<Answer<T>> => {
    const answer = await fetch(`${origin}${path}`, init);
    const text = await answer.text();
    const isJson = answer.headers.get("content-type")?.includes("json") === true;
    return { status: answer.status, body: (isJson ? JSON.parse(text) : undefined) as T, text };
  };
  const write = <T>(method: string, path: string, body: string): Promise<Answer<T>> =>
    exchange(path, {
      method,
      headers: {
        ...headersWith(jar),
        "content-type": "application/json",
        "x-requested-with": "wecom-guard",
      },
      body,
    });
  return {
    get: (path) => exchange(path, { headers: headersWith(jar) }),
    post: (path, body = {}) => write("POST", path, JSON.stringify(body)),
    put: (path, body) => write("PUT", path, JSON.stringify(body)),
    postText: (path, body) => write("POST", path, body),
    fetch: (path, headers = {}) =>
      fetch(`${origin}${path}`, { headers: { ...headersWith(jar), ...headers } }),
    send: (path, init) =>
      fetch(`${origin}${path}`, { ...init, headers: { ...headersWith(jar), ...init.headers } }),
    stream: (path) => openStream(`${origin}${path}`, headersWith(jar)),
  };
}

async function openStream<T>(
  address: string,
  headers: Record<string, string>,
): Promise<OpenStream<T>> {
  const closing = new AbortController();
  const answer = await fetch(address, { headers, signal: closing.signal });
  if (answer.status !== 200 || !answer.body) throw new Error(`no stream: ${answer.status}`);
  const events: StreamEvent<T>[] = [];
  const reading = readEvents(answer.body, events);
  // Aborted by us, or ended by a product that stops.
  reading.catch(() => undefined);
  return {
    events,
    async find(isRight, withinMs) {
      const found = await eventually(
        () => events.find(isRight),
        (event) => event !== undefined,
        withinMs,
      );
      return found!;
    },
    close: () => closing.abort(),
  };
}

async function readEvents<T>(
  body: ReadableStream<Uint8Array>,
  events: StreamEvent<T>[],
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (event === undefined || data === undefined) continue;
      events.push({ event, data: JSON.parse(data) as T, atMs: Date.now() });
    }
  }
}

function headersWith(jar: ReadonlyMap<string, string>): Record<string, string> {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
  return { cookie, "user-agent": USER_AGENT };
}

function keep(jar: Map<string, string>, line: string): void {
  const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
  jar.set(name, value);
}

/** A `fetch` that answers from a list, and remembers what it was asked. */
export interface FakeAnswer {
  status?: number;
  body?: unknown;
  /** A file instead. */
  bytes?: ArrayBuffer;
  /** Not JSON at all. */
  isBroken?: boolean;
}

export interface FakeFetch {
  fetch: typeof fetch;
  requests: { url: string; init: RequestInit }[];
}

export function fakeFetch(...answers: (FakeAnswer | Error | "hang")[]): FakeFetch {
  const requests: FakeFetch["requests"] = [];
  const answer = (url: string, init: RequestInit): Promise<unknown> => {
    requests.push({ url, init });
    const next = answers.shift();
    if (next === undefined) throw new Error(`Nothing prepared for ${url}`);
    if (next instanceof Error) return Promise.reject(next);
    if (next === "hang") {
      return new Promise((_resolve, reject) => {
        init.signal?.addEventListener("abort", () => reject(new Error("aborted")));
      });
    }
    const { status = 200, body, bytes, isBroken = false } = next;
    const json = (): Promise<unknown> =>
      isBroken ? Promise.reject(new SyntaxError("not JSON")) : Promise.resolve(body);
    const blob = () => Promise.resolve({ arrayBuffer: () => Promise.resolve(bytes) });
    return Promise.resolve({ status, ok: status < 300, json, blob });
  };
  return { fetch: answer as unknown as typeof fetch, requests };
}

import axios from "axios";
import type { AxiosResponse } from "axios";
import { z } from "zod";
import type { Secret } from "../../../platform/secret.ts";
import { groupByMonth } from "./file-index.ts";
import { LostIndexError } from "./search-index.ts";
import type { IndexEntry, SearchIndex } from "./search-index.ts";

export interface OpenSearchSettings {
  /** `https://host:9200` */
  url: string;
  user: string;
  password: Secret | null;
}

const TIMEOUT_MS = 15_000;

const hits = z.object({
  hits: z.object({ hits: z.array(z.object({ sort: z.tuple([z.number()]) })) }),
});
const bulkAnswer = z.object({ errors: z.boolean() });
const countAnswer = z.object({ count: z.number() });
const indexList = z.array(z.object({ index: z.string() }));

/** Nothing is kept of a message but its seq and that it has these tokens. */
const LAYOUT = {
  settings: { number_of_shards: 1 },
  mappings: {
    dynamic: "strict",
    _source: { enabled: false },
    properties: { seq: { type: "long" }, tokens: { type: "keyword", doc_values: false } },
  },
};

/**
 * The index on an OpenSearch server, one index a month and generation, over a handful of HTTP calls. Entries are
 * written under an alias that must be there: a name alone would be made anew, empty, after somebody has deleted it.
 */
export function createOpenSearchIndex(
  { url, user, password }: OpenSearchSettings,
  corpId: string,
): SearchIndex {
  const http = axios.create({
    baseURL: url,
    timeout: TIMEOUT_MS,
    maxRedirects: 0,
    validateStatus: () => true,
    ...(password && { auth: { username: user, password: password.reveal() } }),
  });
  const prefix = `wecom-guard-search-${corpId.toLowerCase()}-`;
  const nameOf = (generation: string, month: number): string => `${prefix}${generation}-${month}`;
  const aliasOf = (generation: string, month: number): string =>
    `${nameOf(generation, month)}-entries`;

  async function call<T>(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    { body, answer }: { body?: unknown; answer: z.ZodType<T> },
  ): Promise<T> {
    const response: AxiosResponse<unknown> = await http.request({
      method,
      url: path,
      data: body,
      headers: {
        "Content-Type": typeof body === "string" ? "application/x-ndjson" : "application/json",
      },
    });
    if (response.status === 404) throw new LostIndexError(`OpenSearch does not know ${path}`);
    if (response.status >= 300) throw new OpenSearchError(method, response);
    return answer.parse(response.data);
  }

  async function create(generation: string, month: number): Promise<void> {
    const body = { ...LAYOUT, aliases: { [aliasOf(generation, month)]: {} } };
    await call("PUT", `/${nameOf(generation, month)}`, { body, answer: z.unknown() }).catch(
      (error: unknown) => {
        if (!(error instanceof OpenSearchError) || !error.isAlreadyThere) throw error;
      },
    );
  }

  const drop = async (name: string): Promise<void> => {
    await call("DELETE", `/${name}`, { answer: z.unknown() }).catch((error: unknown) => {
      if (!(error instanceof LostIndexError)) throw error;
    });
  };

  return {
    backend: "opensearch",
    async index(generation, entries, months) {
      for (const [month, those] of groupByMonth(entries)) {
        if (!months.includes(month)) await create(generation, month);
        const path = `/${aliasOf(generation, month)}/_bulk?require_alias=true&refresh=true`;
        const { errors } = await call("POST", path, { body: bulkOf(those), answer: bulkAnswer });
        if (errors) throw new Error("OpenSearch has not taken all entries of the search index");
      }
    },

    async query(generation, { month, tokens, anyOf, before, limit }) {
      const filter = [
        ...tokens.map((token) => ({ term: { tokens: toWord(token) } })),
        ...(anyOf.length === 0 ? [] : [{ terms: { tokens: anyOf.map(toWord) } }]),
        { range: { seq: { lt: before } } },
      ];
      const body = {
        size: limit,
        _source: false,
        sort: [{ seq: "desc" }],
        query: { bool: { filter } },
      };
      const path = `/${aliasOf(generation, month)}/_search`;
      const found = await call("POST", path, { body, answer: hits });
      return found.hits.hits.map(({ sort: [seq] }) => seq);
    },

    async forget(generation, seqs, months) {
      const empty: number[] = [];
      const body = { query: { terms: { seq: seqs } } };
      for (const month of months) {
        const alias = aliasOf(generation, month);
        const path = `/${alias}/_delete_by_query?refresh=true&conflicts=proceed`;
        await call("POST", path, { body, answer: z.unknown() });
        const { count } = await call("GET", `/${alias}/_count`, { answer: countAnswer });
        if (count === 0) empty.push(month);
      }
      return empty;
    },

    drop: (generation, month) => drop(nameOf(generation, month)),

    async clear() {
      const path = `/_cat/indices/${prefix}*?format=json&h=index`;
      for (const { index } of await call("GET", path, { answer: indexList })) await drop(index);
    },
  };
}

/** What the server said is left out: it may quote the request. */
class OpenSearchError extends Error {
  override name = "OpenSearchError";
  readonly isAlreadyThere: boolean;

  constructor(method: string, { status, data }: AxiosResponse<unknown>) {
    const type = z.object({ error: z.object({ type: z.string() }) }).safeParse(data).data
      ?.error.type;
    super(`OpenSearch answered ${method} with ${status} (${type ?? "no reason"})`);
    this.isAlreadyThere = type === "resource_already_exists_exception";
  }
}

function bulkOf(entries: readonly IndexEntry[]): string {
  return entries
    .map(({ seq, tokens }) => {
      const document = { seq, tokens: Array.from(tokens, toWord) };
      return `{"index":{"_id":"${seq}"}}\n${JSON.stringify(document)}\n`;
    })
    .join("");
}

function toWord(token: number): string {
  return token.toString(36);
}

import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Document {
  seq: number;
  tokens: string[];
}

interface Query {
  bool?: { filter: Query[] };
  term?: { tokens: string };
  terms?: { tokens?: string[]; seq?: number[] };
  range?: { seq: { lt: number } };
}

interface Body {
  size: number;
  sort: unknown;
  query: Query;
  aliases: Record<string, object>;
  mappings: { dynamic: string; _source: { enabled: boolean } };
}

/** The few calls of OpenSearch 2 that the index makes, as its documents describe them; unknown ones answer 400. */
export interface FakeOpenSearch {
  url: string;
  /** By index name. */
  indices: Map<string, Map<string, Document>>;
  /** Everything that came over the wire. */
  bodies: string[];
  authorizations: Set<string | undefined>;
  close(): Promise<void>;
}

export async function startFakeOpenSearch(): Promise<FakeOpenSearch> {
  const indices: FakeOpenSearch["indices"] = new Map();
  const aliases = new Map<string, string>();
  const bodies: string[] = [];
  const authorizations = new Set<string | undefined>();

  function answer(method: string, url: URL, text: string): [status: number, body: unknown] {
    const [name = "", call] = decodeURIComponent(url.pathname).slice(1).split("/");
    if (name === "_cat") {
      const prefix = url.pathname.split("/").at(-1)!.replace("*", "");
      const names = [...indices.keys()].filter((one) => one.startsWith(prefix));
      return [200, names.map((index) => ({ index }))];
    }
    if (method === "PUT" && call === undefined) {
      if (indices.has(name))
        return [400, { error: { type: "resource_already_exists_exception" }, status: 400 }];
      const body = JSON.parse(text) as Body;
      indices.set(name, new Map());
      for (const alias of Object.keys(body.aliases)) aliases.set(alias, name);
      return [200, { acknowledged: true }];
    }
    if (method === "DELETE") {
      if (!indices.delete(name)) return [404, { error: { type: "index_not_found_exception" } }];
      return [200, { acknowledged: true }];
    }
    const documents = indices.get(aliases.get(name) ?? name);
    if (!documents) return [404, { error: { type: "index_not_found_exception" } }];
    if (call === "_bulk") {
      const lines = text.trimEnd().split("\n");
      for (let at = 0; at < lines.length; at += 2) {
        const action = JSON.parse(lines[at]!) as { index: { _id: string } };
        documents.set(action.index._id, JSON.parse(lines[at + 1]!) as Document);
      }
      return [200, { errors: false, items: [] }];
    }
    if (call === "_count") return [200, { count: documents.size }];
    const body = JSON.parse(text) as Body;
    const matching = [...documents].filter(([, document]) => matches(document, body.query));
    if (call === "_delete_by_query") {
      for (const [id] of matching) documents.delete(id);
      return [200, { deleted: matching.length }];
    }
    if (call === "_search") {
      const seqs = matching.map(([, { seq }]) => seq).sort((a, b) => b - a);
      return [200, { hits: { hits: seqs.slice(0, body.size).map((seq) => ({ sort: [seq] })) } }];
    }
    return [400, { error: { type: "illegal_argument_exception" } }];
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += String(chunk);
    bodies.push(`${request.url} ${text}`);
    authorizations.add(request.headers.authorization);
    const [status, body] = answer(request.method!, new URL(request.url!, "http://fake"), text);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }

  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    indices,
    bodies,
    authorizations,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function matches(document: Document, query: Query): boolean {
  if (query.bool) return query.bool.filter.every((one) => matches(document, one));
  if (query.term) return document.tokens.includes(query.term.tokens);
  if (query.terms?.tokens) return query.terms.tokens.some((one) => document.tokens.includes(one));
  if (query.terms?.seq) return query.terms.seq.includes(document.seq);
  if (query.range) return document.seq < query.range.seq.lt;
  throw new Error("unknown query");
}

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What one request of the library looked like. */
export interface BareRequest {
  path: string;
  url: string;
  httpVersion: string;
  headers: IncomingMessage["headers"];
  body: string;
}

/** A body with HTTP 200, or a whole answer, or null for silence. */
export type BareAnswer =
  string | { status?: number; headers?: Record<string, string>; body: string } | null;

/** A server that answers single requests as a test says, however wrong. */
export interface BareWecom {
  url: string;
  requests: BareRequest[];
  /** By the last part of the path; `gettoken` has a good answer from the start. */
  on: (name: string, answer: (request: BareRequest) => BareAnswer) => void;
  count: (name: string) => number;
  close: () => Promise<void>;
}

export async function startBareWecom(): Promise<BareWecom> {
  const requests: BareRequest[] = [];
  const answers = new Map<string, (request: BareRequest) => BareAnswer>();
  answers.set("gettoken", () => '{"errcode":0,"access_token":"T1","expires_in":7200}');
  const server = createServer((incoming, response) => {
    void readRequest(incoming).then((request) => {
      requests.push(request);
      const answer = answers.get(nameOf(request));
      give(response, answer ? answer(request) : '{"errcode":40058}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    on: (name, answer) => void answers.set(name, answer),
    count: (name) => requests.filter((request) => nameOf(request) === name).length,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function nameOf({ path }: BareRequest): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

async function readRequest(incoming: IncomingMessage): Promise<BareRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const url = incoming.url ?? "/";
  return {
    path: new URL(url, "http://bare").pathname,
    url,
    httpVersion: incoming.httpVersion,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

function give(response: ServerResponse, answer: BareAnswer): void {
  if (answer === null) return;
  const {
    status = 200,
    headers = {},
    body,
  } = typeof answer === "string" ? { body: answer } : answer;
  response.writeHead(status, headers).end(body);
}

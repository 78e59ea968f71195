import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** Plays WeCom for the archive alone: a token, pages, and no to everything else. */
export interface ArchiveServer {
  url: string;
  close(): Promise<void>;
}

/** `pageAfter` gives the answer to a pull from that seq. */
export async function startArchiveServer(
  pageAfter: (seq: number) => string,
): Promise<ArchiveServer> {
  const server = createServer((request, response) => {
    void answer(request).then((body) => response.end(body));
  });

  async function answer(request: IncomingMessage): Promise<string> {
    const { pathname } = new URL(request.url ?? "/", "http://bench");
    if (pathname.endsWith("/gettoken")) {
      return '{"errcode":0,"errmsg":"ok","access_token":"bench","expires_in":7200}';
    }
    if (!pathname.endsWith("/getchatdata")) return '{"errcode":48002,"errmsg":"not in the bench"}';
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { seq } = JSON.parse(Buffer.concat(chunks).toString()) as { seq: number };
    return pageAfter(seq);
  }

  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

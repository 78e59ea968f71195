import { createServer, request } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Where the call that is lost is lost. */
export type Loss =
  /** It never arrives. */
  | "call"
  /** It has its effect, and nobody hears of it. */
  | "answer";

/** A line to a server that loses one HTTP call. */
export interface LossyLine {
  url: string;
  leadTo(target: string): void;
  /** Loses the n-th call from now on; 0 ends that. */
  lose(n: number, loss: Loss): void;
  /** Whether that call has been made. */
  hasLost(): boolean;
  close(): Promise<void>;
}

export async function openLossyLine(): Promise<LossyLine> {
  let target = "";
  let left = 0;
  let loss: Loss = "call";
  const server = createServer((incoming, outgoing) => {
    left -= 1;
    const isLost = left === 0;
    if (isLost && loss === "call") outgoing.destroy();
    else forward(target, incoming, outgoing, isLost);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo: (address) => void (target = address),
    lose(n, where) {
      left = n;
      loss = where;
    },
    hasLost: () => left <= 0,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function forward(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  isLost: boolean,
): void {
  const { method = "GET", url = "/", headers } = incoming;
  const onwards = request(`${target}${url}`, { method, headers, family: 4 }, (answer) => {
    if (isLost) {
      // Not before the effect is there.
      answer.resume().once("end", () => outgoing.destroy());
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  onwards.once("error", () => outgoing.destroy());
  incoming.pipe(onwards);
}

import { connect } from "node:net";
import type { Socket } from "node:net";

/**
 * The caller of the callback bench, a process of its own so that it takes no time from the server. It writes
 * ready-made requests to sockets that stay open and reads no more of an answer than it must.
 */
export interface LoadOrder {
  port: number;
  connections: number;
  requests: { path: string; body: string }[];
}

export interface LoadResult {
  seconds: number;
  /** Answers with status 200. */
  succeeded: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

process.on("message", (order: LoadOrder) => {
  void run(order).then((result) => process.send?.(result));
});

async function run({ port, connections, requests }: LoadOrder): Promise<LoadResult> {
  const ready = requests.map(({ path, body }) =>
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  );
  const latencies: number[] = [];
  let succeeded = 0;
  let next = 0;
  const startedAt = performance.now();
  const callUntilDone = async (): Promise<void> => {
    const socket = connect(port, "127.0.0.1").setNoDelay();
    for (let request = ready[next++]; request; request = ready[next++]) {
      const sentAt = performance.now();
      if ((await exchange(socket, request)) === 200) succeeded += 1;
      latencies.push(performance.now() - sentAt);
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, callUntilDone));
  const seconds = (performance.now() - startedAt) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0;
  return { seconds, succeeded, p50: at(0.5), p99: at(0.99) };
}

/** Sends one request and resolves with the status once the whole answer is in. */
function exchange(socket: Socket, request: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    let received = "";
    const onData = (chunk: Buffer): void => {
      received += chunk.toString("latin1");
      const headEnd = received.indexOf("\r\n\r\n");
      if (headEnd < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0);
      if (received.length < headEnd + 4 + length) return;
      socket.off("data", onData).off("error", reject);
      resolve(Number(received.slice(9, 12)));
    };
    socket.on("data", onData).once("error", reject);
    socket.write(request);
  });
}

import { PassThrough } from "node:stream";
import type { Context } from "koa";

const KEEP_ALIVE_MS = 20_000;

/** An open stream of server-sent events to one page. */
export interface EventStream {
  send(event: string, data: unknown): void;
  /** The page reconnects after this, unless it is refused then. */
  end(): void;
}

/** Makes the answer a stream; `onClose` runs once when the page goes away or the server ends it. */
export function openEventStream(ctx: Context, onClose: () => void): EventStream {
  const stream = new PassThrough();
  const keepAlive = setInterval(() => stream.write(": still here\n\n"), KEEP_ALIVE_MS);
  stream.once("close", () => {
    clearInterval(keepAlive);
    onClose();
  });
  ctx.res.once("close", () => stream.destroy());
  ctx.set({ "Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no" });
  ctx.status = 200;
  ctx.body = stream;
  // The browser opens the stream at the first byte; `retry` is its pause before it reconnects.
  stream.write("retry: 2000\n\n");
  return {
    send(event, data) {
      if (!stream.writableEnded && !stream.destroyed) {
        stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      }
    },
    end() {
      stream.end();
    },
  };
}

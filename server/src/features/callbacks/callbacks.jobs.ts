import { z } from "zod";
import type { Effect, Jobs } from "../../platform/jobs/jobs.ts";
import type { Logger } from "../../platform/log.ts";
import { readEvent } from "../../wecom/callback-event.ts";
import type { CallbackEvent } from "../../wecom/callback-event.ts";
import { PROCESS_CALLBACK } from "./inbox.service.ts";
import type { HeldCallbacks } from "./held-callbacks.ts";
import type { Inbox } from "./inbox.service.ts";

/** What each kind of event makes the product do. A kind without a handler is only kept. */
export type CallbackHandlers = {
  [K in CallbackEvent["kind"]]?: (
    event: Extract<CallbackEvent, { kind: K }>,
    // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- as a job: no effect, nothing returned
  ) => Promise<Effect | void>;
};

export interface CallbackJobsDeps {
  inbox: Inbox;
  held: Pick<HeldCallbacks, "release">;
  jobs: Jobs;
  handlers: CallbackHandlers;
  log: Logger;
}

/** Acts on stored callbacks, each once, and removes them after their time. */
export function registerCallbackJobs({ inbox, held, jobs, handlers, log }: CallbackJobsDeps): void {
  jobs.register({
    kind: PROCESS_CALLBACK,
    payload: z.object({ dedupe: z.string() }),
    async run({ dedupe }) {
      const stored = await inbox.find(dedupe);
      if (!stored || stored.isProcessed) return;
      const event = readEvent(stored.xml);
      if (event.kind === "other") log.info({ event: event.event }, "callback without a handler");
      const effect = await handle(handlers, event);
      return async (tx) => {
        if (await inbox.markProcessed(tx, dedupe)) await effect?.(tx);
      };
    },
  });
  jobs.register({
    kind: "callbacks.prune",
    payload: z.object({}),
    async run() {
      const removed = await inbox.prune();
      if (removed > 0) log.info({ removed }, "old callbacks removed");
    },
  });
  jobs.schedule("callbacks.prune", "0 40 3 * * *");
  // A process that took some while it was sealed may have ended before it could.
  jobs.register({
    kind: "callbacks.release",
    payload: z.object({}),
    async run() {
      await held.release();
    },
  });
  jobs.schedule("callbacks.release", "0 */5 * * * *");
}

async function handle(
  handlers: CallbackHandlers,
  event: CallbackEvent,
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- see CallbackHandlers
): Promise<Effect | void> {
  // The table pairs each kind with its handler; the compiler cannot follow that through a lookup.
  const handler = handlers[event.kind] as
    // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- see CallbackHandlers
    ((event: CallbackEvent) => Promise<Effect | void>) | undefined;
  return await handler?.(event);
}

import Router from "@koa/router";
import type { Context } from "koa";
import type { CallbackReceiver, ReceiverConfig, WecomConfig } from "../../config.ts";
import type { Clock } from "../../platform/clock.ts";
import { AppError } from "../../platform/http/app-error.ts";
import type { Logger } from "../../platform/log.ts";
import { openDelivery, openEcho } from "../../wecom/callback-crypto.ts";
import { CallbackRefusedError } from "../../wecom/callback-refused-error.ts";
import type { HeldCallbacks } from "./held-callbacks.ts";
import { readBody, UnreadableBodyError } from "./read-body.ts";
import { createRefusalLog } from "./refusal-log.ts";

export interface CallbackRouterDeps {
  wecom: Pick<WecomConfig, "corpId" | "receivers">;
  held: Pick<HeldCallbacks, "receive">;
  clock: Clock;
  log: Logger;
  /** For the whole body; default 5 s, after which WeCom gives up anyway (document 90238). */
  bodyDeadlineMs?: number;
}

const MAX_BODY_BYTES = 64 * 1024;
const BODY_DEADLINE_MS = 5000;

/**
 * The addresses that WeCom's servers call. Not part of the API's `Routes`: there is no session, the
 * signature says who calls. Every refusal is the same answer, and nothing of the request is logged.
 *
 * An old timestamp is no reason to refuse: retries and queues at WeCom may be late, and whoever sends a
 * recorded request again reaches the same row of the inbox, which has its one effect already.
 */
export function createCallbackRouter(deps: CallbackRouterDeps): Router {
  const { wecom, held, clock, log } = deps;
  const limits = {
    maxBytes: MAX_BODY_BYTES,
    deadlineMs: deps.bodyDeadlineMs ?? BODY_DEADLINE_MS,
  };
  const router = new Router();
  const countRefusal = createRefusalLog(clock, log);

  const receiverOf = (ctx: Context): [CallbackReceiver, ReceiverConfig] => {
    const { receiver: name } = ctx["params"] as { receiver: string };
    const found = (Object.entries(wecom.receivers) as [CallbackReceiver, ReceiverConfig][]).find(
      ([receiver]) => receiver === name,
    );
    if (!found) throw new AppError("not_found");
    return found;
  };

  const orRefuse = async (
    ctx: Context,
    receiver: CallbackReceiver,
    work: () => string | Promise<string>,
  ): Promise<void> => {
    try {
      // A string without a newline: WeCom compares the echo byte by byte.
      answer(ctx, 200, await work());
    } catch (error) {
      if (!(error instanceof CallbackRefusedError || error instanceof UnreadableBodyError))
        throw error;
      countRefusal(receiver);
      answer(ctx, 403, "refused");
    }
  };

  router.get("/callbacks/:receiver", async (ctx) => {
    const [name, receiver] = receiverOf(ctx);
    await orRefuse(ctx, name, () => openEcho(receiver, wecom.corpId, ctx.query));
  });

  router.post("/callbacks/:receiver", async (ctx) => {
    const [name, receiver] = receiverOf(ctx);
    await orRefuse(ctx, name, async () => {
      const body = await readBody(ctx.req, limits);
      const delivery = { query: ctx.query, body: body.toString("utf8") };
      const xml = openDelivery(receiver, wecom.corpId, delivery.query, delivery.body);
      // Acknowledged only when it is on the disk; when that fails the answer is 500 and WeCom calls again.
      await held.receive(name, xml, delivery);
      return "success";
    });
  });

  return router;
}

function answer(ctx: Context, status: number, text: string): void {
  ctx.status = status;
  ctx.type = "text/plain; charset=utf-8";
  ctx.body = text;
}

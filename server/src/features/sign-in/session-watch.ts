import type { Context } from "koa";
import type { Logger } from "../../platform/log.ts";
import type { SignInCookies } from "./cookies.ts";
import type { Sessions } from "./sessions.service.ts";

/** For answers that stay open: they must not outlive the session that opened them. */
export interface SessionWatch {
  /**
   * Runs `onEnd` once, when the session behind the request is over: at once when it was ended, within half a
   * minute when it ran out. Returns how to stop watching.
   */
  watch(ctx: Context, memberId: string, onEnd: () => void): () => void;
}

const CHECK_EVERY_MS = 30_000;

export function createSessionWatch({
  sessions,
  cookies,
  log,
  checkEveryMs = CHECK_EVERY_MS,
}: {
  sessions: Sessions;
  cookies: SignInCookies;
  log: Logger;
  checkEveryMs?: number;
}): SessionWatch {
  return {
    watch(ctx, memberId, onEnd) {
      const token = cookies.readSession(ctx);
      let isOver = false;

      function stop(): void {
        isOver = true;
        clearInterval(timer);
        unsubscribe();
      }

      async function check(): Promise<void> {
        const session = token === undefined ? undefined : await sessions.peek(token);
        if (isOver || session) return;
        stop();
        onEnd();
      }

      // A member may have several sessions: the hint says that one has ended, the table says which.
      const look = (): void => {
        check().catch((error: unknown) =>
          log.warn({ err: error }, "a session cannot be looked up"),
        );
      };
      const timer = setInterval(look, checkEveryMs);
      const unsubscribe = sessions.onEnded(memberId, look);
      return stop;
    },
  };
}

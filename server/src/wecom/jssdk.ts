import { randomBytes } from "node:crypto";
import { getJsApiSignature } from "@wecom/crypto";
import { z } from "zod";
import type { WecomConfig } from "../config.ts";
import type { Clock } from "../platform/clock.ts";
import type { FreshToken, SharedTokens } from "./access-tokens.ts";
import type { WecomClient } from "./wecom-client.ts";

export interface PageSignature {
  /** Seconds. */
  timestamp: number;
  nonceStr: string;
  signature: string;
}

/** What a page needs for `ww.register`: the signatures of the corp and of the app. */
export interface PageSignatures {
  corpId: string;
  agentId: number;
  config: PageSignature;
  agentConfig: PageSignature;
}

export interface Jssdk {
  /**
   * Signs `url` as the page's address (what follows `#` does not count). The caller checks that the page is
   * ours: whoever holds a signature may call the client's functions from that address. Document 90506.
   */
  signaturesFor(url: string): Promise<PageSignatures>;
}

const ticketAnswer = z.object({ ticket: z.string().min(1), expires_in: z.coerce.number() });

export function createJssdk({
  config,
  client,
  tokens,
  clock,
}: {
  config: WecomConfig;
  client: WecomClient;
  tokens: SharedTokens;
  clock: Clock;
}): Jssdk {
  /** 400 an hour for the corp and 100 for the app are allowed, hence shared like the access tokens. */
  async function fetchTicket(api: string, query: Record<string, string>): Promise<FreshToken> {
    const answer = await client.call({
      api,
      method: "GET",
      as: "app",
      query,
      schema: ticketAnswer,
      timeoutMs: 5_000,
    });
    return { value: answer.ticket, lifetimeMs: answer.expires_in * 1000 };
  }

  function sign(ticket: string, url: string): PageSignature {
    const timestamp = Math.floor(clock.now() / 1000);
    // Given, because the package would take Math.random.
    const nonceStr = randomBytes(16).toString("hex");
    const { signature } = getJsApiSignature({ ticket, url, timestamp, nonceStr });
    return { timestamp, nonceStr, signature };
  }

  return {
    async signaturesFor(url) {
      const page = url.replace(/#.*$/s, "");
      const [corpTicket, appTicket] = await Promise.all([
        tokens.get("ticket:corp", () => fetchTicket("/get_jsapi_ticket", {})),
        tokens.get("ticket:app", () => fetchTicket("/ticket/get", { type: "agent_config" })),
      ]);
      return {
        corpId: config.corpId,
        agentId: config.agentId,
        config: sign(corpTicket, page),
        agentConfig: sign(appTicket, page),
      };
    },
  };
}

import { z } from "zod";
import type { WecomConfig } from "../config.ts";
import type { WecomClient } from "./wecom-client.ts";
import { WecomError } from "./wecom-error.ts";
import { toMemberId } from "./wecom-id.ts";

/** The code is no code of ours, was used already or is older than five minutes: sign in again. */
export class SignInCodeError extends Error {
  override name = "SignInCodeError";
}

export type SignedIn = { memberId: string } | { outsider: true };

export interface SignInTarget {
  /** Its host and port must be the trusted domain's, else WeCom answers 50001. */
  redirectUri: string;
  /** Letters and digits, at most 128. */
  state: string;
}

export interface SignIn {
  /** Inside WeCom's client: signs in without a question (snsapi_base). Document 91022. */
  authorizeUrl(target: SignInTarget): string;
  /** In an ordinary browser: WeCom shows a code to scan. Document 98152. */
  webLoginUrl(target: SignInTarget): string;
  /** Exchanges the code that both ways end with. Throws `SignInCodeError` for a code that is no good. */
  memberOfCode(code: string): Promise<SignedIn>;
}

/** 40029 not valid, 42003 run out, 42022 used. */
const CODE_REFUSED = [40029, 42003, 42022];
const MAX_CODE_LENGTH = 512;

/** A member has `userid`; anyone else has `openid`, perhaps with `external_userid`. Document 91023. */
const identityAnswer = z.object({ userid: z.string().optional() });

export function createSignIn(config: WecomConfig, client: WecomClient): SignIn {
  return {
    authorizeUrl({ redirectUri, state }) {
      const query = new URLSearchParams({
        appid: config.corpId,
        redirect_uri: redirectUri,
        response_type: "code",
        scope: "snsapi_base",
        state: checkedState(state),
        agentid: String(config.agentId),
      });
      return `${config.oauthUrl}/connect/oauth2/authorize?${query.toString()}#wechat_redirect`;
    },

    webLoginUrl({ redirectUri, state }) {
      const query = new URLSearchParams({
        login_type: "CorpApp",
        appid: config.corpId,
        agentid: String(config.agentId),
        redirect_uri: redirectUri,
        state: checkedState(state),
        lang: "zh",
      });
      return `${config.loginUrl}/wwlogin/sso/login?${query.toString()}`;
    },

    async memberOfCode(code) {
      if (code === "" || code.length > MAX_CODE_LENGTH) throw new SignInCodeError("not a code");
      try {
        const { userid } = await client.call({
          api: "/auth/getuserinfo",
          method: "GET",
          as: "app",
          query: { code },
          schema: identityAnswer,
          isSingleUse: true,
          expected: CODE_REFUSED,
        });
        return userid ? { memberId: toMemberId(userid) } : { outsider: true };
      } catch (error) {
        if (error instanceof WecomError && CODE_REFUSED.includes(error.errcode)) {
          throw new SignInCodeError(`WeCom refused the code (${error.errcode})`);
        }
        throw error;
      }
    },
  };
}

function checkedState(state: string): string {
  if (!/^[A-Za-z0-9]{1,128}$/.test(state)) {
    throw new Error("WeCom takes a state of 1 to 128 letters and digits");
  }
  return state;
}

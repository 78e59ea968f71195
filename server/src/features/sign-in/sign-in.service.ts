import type { EntityManager } from "typeorm";
import { LessThanOrEqual } from "typeorm";
import type { ErrorCode } from "#shared/errors";
import type { Clock } from "../../platform/clock.ts";
import { createGroupCommit } from "../../platform/database/group-commit.ts";
import type { Database } from "../../platform/database/database.ts";
import { insertNew } from "../../platform/database/insert-new.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { SignInCodeError } from "../../wecom/sign-in.ts";
import type { SignIn } from "../../wecom/sign-in.ts";
import { WecomError, WecomUnreachableError } from "../../wecom/wecom-error.ts";
import type { Members } from "../members/members.service.ts";
import type { OpaqueTokens } from "../../platform/opaque-tokens.ts";
import type { Sessions } from "./sessions.service.ts";
import { SignInAttemptRow } from "./session.entity.ts";

/** How long a person may take to come back from WeCom. */
export const ATTEMPT_MS = 10 * 60_000;

/** A sign-in that came to nothing; `returnTo` is where the person wanted to go, when that is known. */
export class SignInRefusedError extends AppError {
  constructor(
    code: ErrorCode,
    readonly returnTo: string | null,
  ) {
    super(code);
  }
}

export interface SignInService {
  /** Returns the address of WeCom's page. `browser` is the value of the pre-login cookie. */
  begin(start: { browser: string; returnTo: string; isInWecom: boolean }): Promise<string>;
  /** Ends what `begin` began, once. Throws `SignInRefusedError`. */
  complete(answer: {
    state: string;
    code: string;
    browser: string | undefined;
    /** The session that this browser had until now. */
    replaces: string | undefined;
  }): Promise<{ sessionToken: string; returnTo: string }>;
  prune(tx: EntityManager): Promise<void>;
}

interface Deps {
  database: Database;
  clock: Clock;
  tokens: OpaqueTokens;
  sessions: Sessions;
  members: Pick<Members, "findFresh">;
  wecom: SignIn;
  publicUrl: string;
}

type NewAttempt = Pick<SignInAttemptRow, "id" | "browserHash" | "returnTo" | "expiresAtMs">;

export function createSignInService(deps: Deps): SignInService {
  const { database, clock, tokens, wecom } = deps;
  // Anybody may begin a sign-in, so many at once should cost one commit.
  const store = createGroupCommit<NewAttempt>(database, (tx, attempts) =>
    insertNew(
      tx,
      "sign_in_attempt",
      "id",
      attempts.map(({ id, browserHash, returnTo, expiresAtMs }) => ({
        id,
        browser_hash: browserHash,
        return_to: returnTo,
        expires_at_ms: expiresAtMs,
      })),
    ),
  );

  /** Takes the attempt out of the table: whatever comes of it, its state is used up. */
  async function takeAttempt(state: string): Promise<SignInAttemptRow | undefined> {
    const id = tokens.hash(state);
    return await database.write(async (tx) => {
      const row = await tx.findOneBy(SignInAttemptRow, { id });
      if (!row) return undefined;
      const { affected } = await tx.delete(SignInAttemptRow, { id });
      return affected === 1 && row.expiresAtMs > clock.now() ? row : undefined;
    });
  }

  return {
    async begin({ browser, returnTo, isInWecom }) {
      const state = tokens.create(128);
      await store({
        id: tokens.hash(state),
        browserHash: tokens.hash(browser),
        returnTo,
        expiresAtMs: clock.now() + ATTEMPT_MS,
      });
      const target = { redirectUri: `${deps.publicUrl}/sign-in/callback`, state };
      return isInWecom ? wecom.authorizeUrl(target) : wecom.webLoginUrl(target);
    },

    async complete({ state, code, browser, replaces }) {
      const attempt = await takeAttempt(state);
      // The state alone proves nothing: it may have been begun in an attacker's browser.
      if (!attempt || browser === undefined || attempt.browserHash !== tokens.hash(browser)) {
        throw new SignInRefusedError("sign_in_failed", null);
      }
      const { returnTo } = attempt;
      try {
        const person = await wecom.memberOfCode(code);
        if ("outsider" in person) throw new AppError("not_a_member");
        const member = await deps.members.findFresh(person.memberId);
        if (!member?.isActive) throw new AppError("member_inactive");
        return { sessionToken: await deps.sessions.start(member.id, replaces), returnTo };
      } catch (error) {
        const refusal = refusalOf(error);
        if (refusal) throw new SignInRefusedError(refusal, returnTo);
        throw error;
      }
    },

    async prune(tx) {
      await tx.delete(SignInAttemptRow, { expiresAtMs: LessThanOrEqual(clock.now()) });
    },
  };
}

function refusalOf(error: unknown): ErrorCode | undefined {
  if (error instanceof AppError) return error.code;
  if (error instanceof SignInCodeError) return "sign_in_failed";
  if (error instanceof WecomUnreachableError) return "wecom_unreachable";
  if (error instanceof WecomError) return "wecom_refused";
  return undefined;
}

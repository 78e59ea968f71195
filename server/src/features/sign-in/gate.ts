import type { Permission } from "#shared/contract/access";
import type { Clock } from "../../platform/clock.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { FRESH_SIGN_IN_MS } from "../../platform/http/routes.ts";
import type { Gate } from "../../platform/http/routes.ts";
import type { Access } from "../access/access.service.ts";
import type { PermissionUse } from "../access/permission-use.ts";
import type { Members } from "../members/members.service.ts";
import type { Actor } from "./actor.ts";
import type { SignInCookies } from "./cookies.ts";
import type { Sessions } from "./sessions.service.ts";

/** Session → member who is still active → roles and what they allow. Asked anew with every request. */
export function createGate({
  sessions,
  cookies,
  members,
  access,
  permissionUse,
  clock,
}: {
  sessions: Sessions;
  cookies: SignInCookies;
  members: Pick<Members, "find">;
  access: Pick<Access, "standingOf">;
  permissionUse: Pick<PermissionUse, "note">;
  clock: Clock;
}): Gate<Actor, Permission> {
  return {
    async identify(ctx) {
      const token = cookies.readSession(ctx);
      const session = token === undefined ? undefined : await sessions.find(token);
      const member = session && (await members.find(session.memberId));
      // Somebody inactive is sent to sign in, where a page says why they cannot.
      if (!session || !member?.isActive) throw new AppError("not_signed_in");
      return {
        memberId: member.id,
        name: member.name,
        ...(await access.standingOf(member.id)),
        signedInAtMs: session.startedAtMs,
      };
    },

    refusal(actor, allowed, needsFreshSignIn) {
      if (!actor.permissions.has(allowed)) return "not_allowed";
      const isFresh = clock.now() - actor.signedInAtMs <= FRESH_SIGN_IN_MS;
      return needsFreshSignIn && !isFresh ? "step_up_needed" : undefined;
    },

    noteUse: ({ memberId }, allowed) => permissionUse.note(memberId, allowed),
  };
}

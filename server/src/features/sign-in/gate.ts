import { AppError } from "../../platform/http/app-error.ts";
import type { Gate } from "../../platform/http/routes.ts";
import type { Members } from "../members/members.service.ts";
import type { Actor } from "./actor.ts";
import type { SignInCookies } from "./cookies.ts";
import type { Sessions } from "./sessions.service.ts";

/** Session → member who is still active → what they may. Asked anew with every request. */
export function createGate({
  sessions,
  cookies,
  members,
  adminMemberIds,
}: {
  sessions: Sessions;
  cookies: SignInCookies;
  members: Pick<Members, "find" | "isManager">;
  adminMemberIds: readonly string[];
}): Gate<Actor> {
  return {
    async identify(ctx) {
      const token = cookies.readSession(ctx);
      const session = token === undefined ? undefined : await sessions.find(token);
      const member = session && (await members.find(session.memberId));
      // Somebody inactive is sent to sign in, where a page says why they cannot.
      if (!member?.isActive) throw new AppError("not_signed_in");
      return {
        memberId: member.id,
        name: member.name,
        isAdmin: adminMemberIds.includes(member.id.toLowerCase()),
        isManager: await members.isManager(member.id),
      };
    },

    can(actor, allowed) {
      switch (allowed) {
        case "member":
          return true;
        case "manager":
          return actor.isManager;
        case "admin":
          return actor.isAdmin;
      }
    },
  };
}

import type { Permission } from "#shared/contract/access";
import type { Routes } from "../../platform/http/routes.ts";
import type { HeldRole } from "../access/can.ts";

/** Who calls: what a route may know about the person behind a session. */
export interface Actor {
  memberId: string;
  name: string;
  roles: readonly HeldRole[];
  /** What the roles allow, over whomever; whom it reaches is asked of `Access`. */
  permissions: ReadonlySet<Permission>;
  /** When the person signed in; not when the session was used last. */
  signedInAtMs: number;
}

/** The product's API: every route names the permission that it asks for. */
export type ApiRoutes = Routes<Actor, Permission>;

import type { Server } from "node:http";
import { pino } from "pino";
import request from "supertest";
import type { Test } from "supertest";
import type { Permission, Role } from "#shared/contract/access";
import { createApp } from "../../server/src/app.ts";
import type { Actor, ApiRoutes } from "../../server/src/features/sign-in/actor.ts";
import { permissionsOf } from "../../server/src/features/access/can.ts";
import { AppError } from "../../server/src/platform/http/app-error.ts";
import { Routes } from "../../server/src/platform/http/routes.ts";

export function person(memberId: string, name: string, roles: readonly Role[]): Actor {
  const held = ["salesperson" as const, ...roles].map((role) => ({ role, departmentIds: null }));
  const signedInAtMs = Date.now();
  return { memberId, name, roles: held, permissions: permissionsOf(held), signedInAtMs };
}

export const admin = person("liuyang", "刘洋", ["system_admin", "security_admin"]);
export const manager = person("zhangwei", "张伟", ["team_lead"]);
export const sales = person("chenli", "陈丽", []);

/** Calls the routes of a feature on the real application as one person; the sign-in alone is played. */
export interface TestApi {
  get(actor: Actor | null, path: string): Test;
  send(actor: Actor | null, method: "post" | "put" | "delete", path: string, body?: object): Test;
}

/** What a page of ours sends with a change. */
export const pageHeaders = { "x-requested-with": "wecom-guard", "sec-fetch-site": "same-origin" };

const CALLER = "x-test-caller";

export function createTestApi(add: (routes: ApiRoutes) => void): TestApi {
  /** By the header that names who calls: requests may be under way side by side. */
  const callers = new Map<string, Actor>();
  const routes = new Routes<Actor, Permission>(
    {
      identify: (ctx) => {
        const caller = callers.get(ctx.get(CALLER));
        if (!caller) throw new AppError("not_signed_in");
        return Promise.resolve(caller);
      },
      refusal: (actor, allowed) => (actor.permissions.has(allowed) ? undefined : "not_allowed"),
      noteUse: () => Promise.resolve(),
    },
    "https://wecom.example.com",
  );
  add(routes);
  const app = createApp({
    log: pino({ level: "silent" }),
    isHttps: true,
    routers: [routes.router.routes()],
  });
  const listen = app.callback() as unknown as Server;
  const as = (actor: Actor | null, test: Test): Test => {
    if (!actor) return test;
    callers.set(actor.memberId, actor);
    return test.set(CALLER, actor.memberId);
  };
  return {
    get: (actor, path) => as(actor, request(listen).get(path)),
    send: (actor, method, path, body = {}) =>
      as(actor, request(listen)[method](path)).set(pageHeaders).send(body),
  };
}

import type { Server } from "node:http";
import { pino } from "pino";
import request from "supertest";
import type { Test } from "supertest";
import { createApp } from "../../server/src/app.ts";
import type { Actor } from "../../server/src/features/sign-in/actor.ts";
import { AppError } from "../../server/src/platform/http/app-error.ts";
import { Routes } from "../../server/src/platform/http/routes.ts";

export const admin: Actor = { memberId: "liuyang", name: "刘洋", isAdmin: true, isManager: false };
export const manager: Actor = {
  memberId: "zhangwei",
  name: "张伟",
  isAdmin: false,
  isManager: true,
};
export const sales: Actor = { memberId: "chenli", name: "陈丽", isAdmin: false, isManager: false };

/** Calls the routes of a feature on the real application as one person; the sign-in alone is played. */
export interface TestApi {
  get(actor: Actor | null, path: string): Test;
  send(actor: Actor | null, method: "post" | "put" | "delete", path: string, body?: object): Test;
}

/** What a page of ours sends with a change. */
export const pageHeaders = { "x-requested-with": "wecom-guard", "sec-fetch-site": "same-origin" };

export function createTestApi(add: (routes: Routes<Actor>) => void): TestApi {
  let current: Actor | null = null;
  const routes = new Routes<Actor>(
    {
      identify: () => {
        if (!current) throw new AppError("not_signed_in");
        return Promise.resolve(current);
      },
      can: (actor, allow) =>
        allow === "admin" ? actor.isAdmin : allow === "manager" ? actor.isManager : true,
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
  return {
    get(actor, path) {
      current = actor;
      return request(listen).get(path);
    },
    send(actor, method, path, body = {}) {
      current = actor;
      return request(listen)[method](path).set(pageHeaders).send(body);
    },
  };
}

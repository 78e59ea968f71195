import { bodyParser } from "@koa/bodyparser";
import Router from "@koa/router";
import type { Context, Middleware } from "koa";
import type { z } from "zod";
import { AppError } from "./app-error.ts";

/** Who may call a route: any signed-in member, one who leads others, or an administrator. */
export type Allowed = "member" | "manager" | "admin";

/** Finds out who calls; the features' side of it is in sign-in. */
export interface Gate<Actor> {
  /** Throws `not_signed_in` when there is no valid session. */
  identify(ctx: Context): Promise<Actor>;
  /** Whether this actor may use routes of that kind. */
  can(actor: Actor, allowed: Allowed): boolean;
}

type Schema = z.ZodType | undefined;
type Output<S extends Schema> = S extends z.ZodType ? z.output<S> : undefined;
type Input<S extends Schema> = S extends z.ZodType ? z.input<S> : undefined;

export interface RouteSpec<P extends Schema, Q extends Schema, B extends Schema, R extends Schema> {
  allow: Allowed;
  params?: P;
  query?: Q;
  body?: B;
  /** Without it the route answers 204. */
  response?: R;
  /** Default 200. */
  status?: number;
}

export interface RouteInput<Actor, P extends Schema, Q extends Schema, B extends Schema> {
  actor: Actor;
  params: Output<P>;
  query: Output<Q>;
  body: Output<B>;
  /** For streams (server-sent events, files) alone; other handlers do without. */
  ctx: Context;
}

type Method = "get" | "post" | "put" | "delete";

/** The header that a page of ours sends and a form of a stranger cannot. */
export const CSRF_HEADER = "x-requested-with";

/**
 * The only way to add a route to the API: it cannot be done without saying who may call it and what
 * goes in and out. Order on every call: forged? → who? → may they? → valid? → work → answer valid?
 */
export class Routes<Actor> {
  readonly router = new Router();
  /** Every route with its audience, for the test that walks them all. */
  readonly table: { method: Method; path: string; allow: Allowed }[] = [];

  readonly #gate: Gate<Actor>;
  readonly #publicOrigin: string;

  constructor(gate: Gate<Actor>, publicOrigin: string) {
    this.#gate = gate;
    this.#publicOrigin = publicOrigin;
  }

  get = this.#adder("get");
  post = this.#adder("post");
  put = this.#adder("put");
  delete = this.#adder("delete");

  #adder(method: Method) {
    return <
      P extends Schema = undefined,
      Q extends Schema = undefined,
      B extends Schema = undefined,
      R extends Schema = undefined,
    >(
      path: string,
      spec: RouteSpec<P, Q, B, R>,
      handle: (input: RouteInput<Actor, P, Q, B>) => Promise<Input<R>>,
    ): void => {
      this.table.push({ method, path, allow: spec.allow });
      const steps: Middleware[] = [this.#guard(spec, handle)];
      if (method !== "get") {
        steps.unshift(
          this.#refuseForged(),
          bodyParser({ enableTypes: ["json"], jsonLimit: "256kb", encoding: "utf-8" }),
        );
      }
      this.router[method](path, ...steps);
    };
  }

  /** Another site's page can neither set our header nor hide its origin. */
  #refuseForged(): Middleware {
    return async (ctx, next) => {
      const origin = ctx.get("origin");
      const site = ctx.get("sec-fetch-site");
      const isOurs =
        ctx.get(CSRF_HEADER) !== "" &&
        (origin === "" || origin === this.#publicOrigin) &&
        (site === "" || site === "same-origin");
      if (!isOurs) throw new AppError("forged_request");
      await next();
    };
  }

  #guard<P extends Schema, Q extends Schema, B extends Schema, R extends Schema>(
    spec: RouteSpec<P, Q, B, R>,
    handle: (input: RouteInput<Actor, P, Q, B>) => Promise<Input<R>>,
  ): Middleware {
    return async (ctx) => {
      const actor = await this.#gate.identify(ctx);
      if (!this.#gate.can(actor, spec.allow)) throw new AppError("not_allowed");
      const input = {
        actor,
        ctx,
        params: parse(spec.params, ctx["params"]),
        query: parse(spec.query, ctx.query),
        body: parse(spec.body, ctx.request.body),
      } as RouteInput<Actor, P, Q, B>;
      const answer = await handle(input);
      if (spec.response) {
        ctx.status = spec.status ?? 200;
        // Also drops every field that the contract does not name.
        ctx.body = spec.response.parse(answer);
      } else if (ctx.respond !== false && ctx.body === undefined) {
        ctx.status = 204;
      }
    };
  }
}

function parse(schema: Schema, value: unknown): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  throw new AppError("invalid_request", fieldsOf(parsed.error));
}

/** `draft.words.3` → its sentence. Zod's own English ones become a general Chinese one. */
function fieldsOf(error: z.ZodError): Record<string, string> {
  return Object.fromEntries(
    error.issues.map((issue) => [
      issue.path.map(String).join(".") || "body",
      /\p{Script=Han}/u.test(issue.message) ? issue.message : "填写有误",
    ]),
  );
}

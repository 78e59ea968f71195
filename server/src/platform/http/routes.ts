import { bodyParser } from "@koa/bodyparser";
import Router from "@koa/router";
import type { Context, Middleware } from "koa";
import type { z } from "zod";
import type { ErrorCode } from "#shared/errors";
import { AppError } from "./app-error.ts";
import { readFileBody } from "./file-body.ts";
import type { FileLimits } from "./file-body.ts";

/** Finds out who calls and what they may do; the features' side of it is in sign-in and access. */
export interface Gate<Actor, Permission extends string> {
  /** Throws `not_signed_in` when there is no valid session. */
  identify(ctx: Context): Promise<Actor>;
  /** Why this actor may not use routes that ask for the permission; undefined when they may. */
  refusal(actor: Actor, allowed: Permission, needsFreshSignIn: boolean): ErrorCode | undefined;
  /** Somebody does what the permission allows. */
  noteUse(actor: Actor, allowed: Permission): Promise<void>;
}

type Schema = z.ZodType | undefined;
type Output<S extends Schema> = S extends z.ZodType ? z.output<S> : undefined;
type Input<S extends Schema> = S extends z.ZodType ? z.input<S> : undefined;

export interface RouteSpec<
  Permission extends string,
  P extends Schema,
  Q extends Schema,
  B extends Schema,
  R extends Schema,
> {
  /** What the caller must be permitted to do, over whomever; whom it concerns is for the handler to ask. */
  allow: Permission;
  /** The caller must have signed in within the last five minutes: for what cannot be taken back. */
  needsFreshSignIn?: true;
  params?: P;
  query?: Q;
  body?: B;
  /** The body is a file of that type instead, at most so large; read once the caller may. */
  file?: FileLimits;
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
  /** Empty unless the route takes one. */
  file: Buffer;
  /** For streams (server-sent events, files) alone; other handlers do without. */
  ctx: Context;
}

type Method = "get" | "post" | "put" | "delete";

/** How long a sign-in is good for what asks for a fresh one. */
export const FRESH_SIGN_IN_MS = 5 * 60_000;
const noFile = Buffer.alloc(0);

/** The header that a page of ours sends and a form of a stranger cannot. */
export const CSRF_HEADER = "x-requested-with";

/**
 * The only way to add a route to the API: it cannot be done without saying who may call it and what
 * goes in and out. Order on every call: forged? → who? → may they? → valid? → work → answer valid?
 */
export class Routes<Actor, Permission extends string> {
  readonly router = new Router();
  /** Every route with its audience, for the test that walks them all. */
  readonly table: { method: Method; path: string; allow: Permission; needsFreshSignIn: boolean }[] =
    [];

  readonly #gate: Gate<Actor, Permission>;
  readonly #publicOrigin: string;

  constructor(gate: Gate<Actor, Permission>, publicOrigin: string) {
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
      spec: RouteSpec<Permission, P, Q, B, R>,
      handle: (input: RouteInput<Actor, P, Q, B>) => Promise<Input<R>>,
    ): void => {
      const needsFreshSignIn = spec.needsFreshSignIn ?? false;
      this.table.push({ method, path, allow: spec.allow, needsFreshSignIn });
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
    spec: RouteSpec<Permission, P, Q, B, R>,
    handle: (input: RouteInput<Actor, P, Q, B>) => Promise<Input<R>>,
  ): Middleware {
    return async (ctx) => {
      const actor = await this.#gate.identify(ctx);
      const refusal = this.#gate.refusal(actor, spec.allow, spec.needsFreshSignIn ?? false);
      if (refusal) throw new AppError(refusal);
      const input = {
        actor,
        ctx,
        params: parse(spec.params, ctx["params"]),
        query: parse(spec.query, ctx.query),
        body: parse(spec.body, ctx.request.body),
        file: spec.file ? await readFileBody(ctx, spec.file) : noFile,
      } as RouteInput<Actor, P, Q, B>;
      await this.#gate.noteUse(actor, spec.allow);
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

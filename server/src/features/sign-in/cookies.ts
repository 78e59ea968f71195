import type { Context } from "koa";

/**
 * `__Host-` makes the browser refuse the cookie from a subdomain, without Secure or for a path. Plain HTTP is
 * for the demo on one machine only, where that prefix cannot be used.
 */
export interface SignInCookies {
  readSession(ctx: Context): string | undefined;
  setSession(ctx: Context, token: string): void;
  clearSession(ctx: Context): void;
  /** The browser's name before anybody is signed in. */
  readBrowser(ctx: Context): string | undefined;
  setBrowser(ctx: Context, token: string, maxAgeMs: number): void;
}

/** What `OpaqueTokens` makes; anything else is nobody's and not worth a query. */
const TOKEN = /^[0-9a-f]{64}$/;

export function createSignInCookies(isHttps: boolean): SignInCookies {
  const prefix = isHttps ? "__Host-" : "";
  const attributes = `Path=/; HttpOnly; SameSite=Lax${isHttps ? "; Secure" : ""}`;
  const session = `${prefix}session`;
  const browser = `${prefix}sign-in`;

  function read(ctx: Context, name: string): string | undefined {
    const value = ctx.cookies.get(name, { signed: false });
    return value !== undefined && TOKEN.test(value) ? value : undefined;
  }

  // Not `ctx.cookies.set`: TLS ends at the proxy before us, and Koa refuses Secure on what looks like HTTP.
  function set(ctx: Context, name: string, value: string, maxAge = ""): void {
    ctx.append("Set-Cookie", `${name}=${value}; ${attributes}${maxAge}`);
  }

  return {
    readSession: (ctx) => read(ctx, session),
    setSession: (ctx, token) => set(ctx, session, token),
    clearSession: (ctx) => set(ctx, session, "", "; Max-Age=0"),
    readBrowser: (ctx) => read(ctx, browser),
    setBrowser: (ctx, token, maxAgeMs) =>
      set(ctx, browser, token, `; Max-Age=${Math.floor(maxAgeMs / 1000)}`),
  };
}

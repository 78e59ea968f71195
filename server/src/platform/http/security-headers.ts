import type { Middleware } from "koa";

/**
 * What every answer says to the browser. Pages run our own scripts only; styles may be inline because
 * the component library sets them on elements. WeCom opens pages as top-level web views, so no frame
 * is ever needed.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  // Avatars come from WeChat's and WeCom's image hosts.
  "img-src 'self' data: https://*.qlogo.cn https://*.qpic.cn",
  // Voices and videos of messages.
  "media-src 'self'",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

export function securityHeaders(isHttps: boolean): Middleware {
  return async (ctx, next) => {
    ctx.set({
      "Content-Security-Policy": contentSecurityPolicy,
      "X-Content-Type-Options": "nosniff",
      "X-Frame-Options": "DENY",
      "Referrer-Policy": "no-referrer",
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cache-Control": "no-store",
    });
    if (isHttps) ctx.set("Strict-Transport-Security", "max-age=31536000");
    await next();
  };
}

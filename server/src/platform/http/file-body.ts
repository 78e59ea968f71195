import type { Context } from "koa";
import getRawBody from "raw-body";
import { AppError } from "./app-error.ts";

export interface FileLimits {
  /** What the request must say that it brings. */
  type: string;
  maxBytes: number;
}

/** The body as it is. One that is compressed is refused: it could unfold to any size. */
export async function readFileBody(ctx: Context, limits: FileLimits): Promise<Buffer> {
  const encoding = ctx.get("content-encoding");
  const isRight = ctx.is(limits.type) !== false && (encoding === "" || encoding === "identity");
  if (!isRight) throw new AppError("invalid_request", { file: "文件类型不对" });
  // What is larger ends as 413; see request-frame.ts.
  return await getRawBody(ctx.req, {
    limit: limits.maxBytes,
    length: ctx.req.headers["content-length"] ?? null,
  });
}

import type { IncomingMessage } from "node:http";
import getRawBody from "raw-body";

export interface BodyLimits {
  maxBytes: number;
  /** From the first call to the last byte. */
  deadlineMs: number;
}

/** The body was too long, too slow, encoded or cut off. The endpoint does not tell which. */
export class UnreadableBodyError extends Error {
  override name = "UnreadableBodyError";
}

/**
 * The body's bytes, counted while they stream in, so that neither a false length nor a missing one makes
 * us hold more than the limit. A compressed body is refused: it could unfold to any size.
 * What a refused caller goes on sending is dropped, and its connection is closed at the deadline.
 */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const encoding = request.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") throw new UnreadableBodyError();
  let deadline: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    deadline = setTimeout(() => {
      reject(new UnreadableBodyError());
      // Behind the answer, so that it still goes out.
      setImmediate(() => request.destroy());
    }, limits.deadlineMs);
  });
  const release = (): void => clearTimeout(deadline);
  request.once("end", release).once("close", release);
  const body = getRawBody(request, {
    limit: limits.maxBytes,
    length: request.headers["content-length"] ?? null,
  }).catch(() => {
    throw new UnreadableBodyError();
  });
  return await Promise.race([body, tooLate]);
}

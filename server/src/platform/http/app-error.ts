import { errors } from "#shared/errors";
import type { ErrorCode } from "#shared/errors";

/** An error that a person may see. Everything else becomes 500 without a word of its own. */
export class AppError extends Error {
  override name = "AppError";
  readonly status: number;

  constructor(
    readonly code: ErrorCode,
    /** Field → what is wrong with it, in Chinese. */
    readonly fields?: Record<string, string>,
  ) {
    super(errors[code].text);
    this.status = errors[code].status;
  }
}

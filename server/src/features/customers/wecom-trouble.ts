import type { ErrorCode } from "#shared/errors";
import {
  WecomError,
  WecomNotConfiguredError,
  WecomUnreachableError,
} from "../../wecom/wecom-error.ts";

/** The word for a person when WeCom did not answer as hoped; undefined for a fault of our own. */
export function wecomTrouble(error: unknown): ErrorCode | undefined {
  if (error instanceof WecomUnreachableError) return "wecom_unreachable";
  if (error instanceof WecomError || error instanceof WecomNotConfiguredError) {
    return "wecom_refused";
  }
  return undefined;
}

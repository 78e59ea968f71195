import { SdkError, SdkHostError } from "../../wecom/sdk-error.ts";
import type { SdkHostTrouble } from "../../wecom/sdk-error.ts";
import {
  WecomError,
  WecomNotConfiguredError,
  WecomUnreachableError,
} from "../../wecom/wecom-error.ts";

/** Why the last pull failed, in a form that a page can explain. */
export type PullFailure =
  /** `callerIp`: our own address, when WeCom refuses it. */
  | { kind: "wecom"; errcode: number; callerIp?: string }
  | { kind: "unreachable"; reason: string }
  | { kind: "not_configured"; setting: string }
  /** A code of WeCom's archive library. */
  | { kind: "sdk"; code: number }
  /** The process that runs the library. */
  | { kind: "sdk_host"; trouble: SdkHostTrouble }
  /** Our own fault or the database's; `name` is the error's type. */
  | { kind: "internal"; name: string };

export function toPullFailure(error: unknown): PullFailure {
  if (error instanceof WecomError) {
    const { errcode, callerIp } = error;
    return { kind: "wecom", errcode, ...(callerIp === null ? {} : { callerIp }) };
  }
  if (error instanceof WecomUnreachableError) return { kind: "unreachable", reason: error.reason };
  if (error instanceof WecomNotConfiguredError) {
    return { kind: "not_configured", setting: error.setting };
  }
  if (error instanceof SdkError) return { kind: "sdk", code: error.code };
  if (error instanceof SdkHostError) return { kind: "sdk_host", trouble: error.trouble };
  return { kind: "internal", name: error instanceof Error ? error.name.slice(0, 100) : "unknown" };
}

/** As it stands in `archive_cursor.last_error`. */
export function formatPullFailure(failure: PullFailure): string {
  return JSON.stringify(failure);
}

export function parsePullFailure(text: string): PullFailure {
  return JSON.parse(text) as PullFailure;
}

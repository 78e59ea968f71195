/** Busy; worth another try at once, at most three times. */
export const BUSY = -1;

/** The token was refused: 40014 not valid, 42001 run out, 40001 (with a token) withdrawn early. */
const TOKEN_REFUSED = new Set([40014, 42001, 40001]);

/** 45009 called too often (a block of a minute up to a month), 45033 too many calls at the same time. */
const RATE_LIMITED = new Set([45009, 45033]);

/** `gettoken` refuses the corp id or the secret. Asking again gets the address banned for an hour. */
const WRONG_CREDENTIAL = new Set([40001, 40013, 40091]);

/** The caller's address is not on the list: of the app, of the archive. */
const ADDRESS_REFUSED = new Set([60020, 301042]);

/**
 * WeCom answered and said no. Carries the code and the name of the interface only: WeCom's own
 * error text holds addresses, and a request's address holds the token.
 */
export class WecomError extends Error {
  override name = "WecomError";
  readonly errcode: number;
  readonly api: string;
  /** From where WeCom saw us call, when just that is what it refuses: this belongs on its list. */
  readonly callerIp: string | null;

  /** `errmsg` is WeCom's text; of it only the caller's address is kept. */
  constructor(errcode: number, api: string, errmsg: unknown = "") {
    super(`WeCom answered ${errcode} to ${api}`);
    this.errcode = errcode;
    this.api = api;
    const isAboutAddress = ADDRESS_REFUSED.has(errcode) && typeof errmsg === "string";
    this.callerIp = isAboutAddress ? readCallerIp(errmsg) : null;
  }

  /** Later (not now: the door has done that already) the same call may succeed. */
  get isRetryable(): boolean {
    return this.errcode === BUSY || this.isRateLimit;
  }

  /** Jobs should wait for minutes, not seconds. */
  get isRateLimit(): boolean {
    return RATE_LIMITED.has(this.errcode);
  }

  get isWrongCredential(): boolean {
    return this.api === "/gettoken" && WRONG_CREDENTIAL.has(this.errcode);
  }
}

/** "…, from ip: 203.0.113.7, more info at …" */
function readCallerIp(errmsg: string): string | null {
  return /from ip: ?([0-9a-fA-F.:]{2,45})(?:,|$)/.exec(errmsg)?.[1] ?? null;
}

export function isTokenRefusal(errcode: number): boolean {
  return TOKEN_REFUSED.has(errcode);
}

export type UnreachableReason =
  "network" | "timeout" | "http_status" | "not_json" | "unexpected_answer";

/** No usable answer came. Whether WeCom acted on the request is not known. */
export class WecomUnreachableError extends Error {
  override name = "WecomUnreachableError";
  readonly api: string;
  readonly reason: UnreachableReason;
  readonly isRetryable = true;

  /** `detail` is a code such as `ECONNREFUSED` or a status; never a part of a request or an answer. */
  constructor(api: string, reason: UnreachableReason, detail = "") {
    super(`No usable answer from WeCom to ${api}: ${reason}${detail === "" ? "" : ` (${detail})`}`);
    this.api = api;
    this.reason = reason;
  }
}

/** The call needs a secret that has not been set; `setting` names the variable. */
export class WecomNotConfiguredError extends Error {
  override name = "WecomNotConfiguredError";
  readonly setting: string;
  readonly isRetryable = false;

  constructor(setting: string) {
    super(`${setting} is not set`);
    this.setting = setting;
  }
}

/** The library's return codes, by the comments in its header. */
const meanings = new Map<number, string>([
  [10000, "bad parameter"],
  [10001, "network"],
  [10002, "an answer that cannot be read"],
  [10003, "system failure"],
  [10004, "encryption failed"],
  [10005, "bad file id"],
  [10006, "cannot be decrypted"],
  [10007, "no private key of that version"],
  [10008, "the random key cannot be read"],
  [10009, "address not allowed"],
  [10010, "expired"],
  [10011, "certificate"],
]);

export const SDK_NETWORK = 10001;
/** Of a file: also every refusal of WeCom's that has no code of its own. */
export const SDK_BAD_ANSWER = 10002;
export const SDK_BAD_FILE_ID = 10005;
export const SDK_CANNOT_DECRYPT = 10006;
export const SDK_EXPIRED = 10010;

/** Of our own host: a guard kept the call from the library. */
export const SDK_REFUSED = -1;

/** WeCom's archive library returned a code other than 0. */
export class SdkError extends Error {
  override name = "SdkError";
  readonly code: number;
  /** The library's function. */
  readonly call: string;

  constructor(code: number, call: string) {
    super(`${call} of the archive library returned ${code} (${meanings.get(code) ?? "unknown"})`);
    this.code = code;
    this.call = call;
  }
}

export type SdkHostTrouble =
  /** The host program is not there or cannot be run. */
  | "no_program"
  /** It is, and it cannot load the library. */
  | "not_loaded"
  /** The library is loaded and fails its self-test or `Init`. */
  | "unusable"
  /** It ended during a call. */
  | "crashed"
  /** It was ended because a call took too long. */
  | "timeout"
  /** We are stopping. */
  | "stopped";

/** The process that runs the archive library did not answer. The next call starts another one. */
export class SdkHostError extends Error {
  override name = "SdkHostError";
  readonly trouble: SdkHostTrouble;
  /** A signal, an exit code or the loader's sentence; never content. */
  readonly detail: string;
  readonly isRetryable = true;

  constructor(trouble: SdkHostTrouble, detail = "") {
    super(`The archive SDK host: ${trouble}${detail === "" ? "" : ` (${detail})`}`);
    this.trouble = trouble;
    this.detail = detail;
  }
}

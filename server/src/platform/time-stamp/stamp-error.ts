export const stampFailures = [
  "unreachable",
  "refused",
  "not_a_stamp",
  "other_hash",
  "other_nonce",
  "wrong_time",
  "wrong_signature",
  "untrusted",
] as const;
export type StampFailure = (typeof stampFailures)[number];

/** Why an answer is no stamp for what was asked. */
export class StampError extends Error {
  override name = "StampError";
  constructor(
    readonly reason: StampFailure,
    detail: string,
  ) {
    super(detail);
  }
}

/**
 * WeCom compares member ids without regard to case and itself answers them in varying case, so inside
 * the product a member id is lower case. Ids of customers, groups and robots differ by case alone.
 */
export function toMemberId(userid: string): string {
  return userid.trim().toLowerCase();
}

/** `wm` WeChat user, `wo` member of another corp, `wb` robot: a convention of WeCom, not a promise. */
const LOOKS_EXTERNAL = /^w[mob]/;

export function looksExternal(id: string): boolean {
  return LOOKS_EXTERNAL.test(id);
}

/**
 * An id out of a message, where members and customers stand side by side. What looks external stays
 * as it is, so a member whose id begins so must be looked up by `toMemberId(id)` first.
 */
export function toPartyId(id: string): string {
  return looksExternal(id) ? id : toMemberId(id);
}

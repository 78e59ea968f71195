/** Sending the page to sign in, without running in circles when signing in does not stick. */

/** So many tries within the window mean that the session cannot be kept, e.g. cookies are blocked. */
const triesAllowed = 3;
const windowMs = 60_000;
const storageKey = "sign-in-tries";

/** The times of earlier tries that still count. */
function recentTries(storage: Storage, nowMs: number): number[] {
  const stored = storage.getItem(storageKey)?.split(",").map(Number) ?? [];
  return stored.filter((atMs) => nowMs - atMs < windowMs);
}

/** The address to go to for a page at `path`, or `null` when it was tried too often just now. */
export function nextSignIn(storage: Storage, path: string, nowMs: number): string | null {
  const tries = recentTries(storage, nowMs);
  if (tries.length >= triesAllowed) return null;
  storage.setItem(storageKey, [...tries, nowMs].join(","));
  return `/sign-in?returnTo=${encodeURIComponent(path)}`;
}

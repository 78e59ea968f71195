import { randomBytes } from "node:crypto";
import type { Store } from "./store.ts";

/** A code can be exchanged for five minutes. */
const CODE_LIFETIME_MS = 300_000;

export type CodeAnswer =
  { is: "person"; personId: string } | { is: "unknown" | "expired" | "used" };

export interface OAuthCodes {
  /** `personId` is a member's or a customer's id. */
  issue: (personId: string) => string;
  /** Works once. */
  use: (code: string) => CodeAnswer;
}

export function openOAuthCodes(store: Store, now: () => number): OAuthCodes {
  const insert = store.prepare("INSERT INTO oauthCodes VALUES (?, ?, ?, 0)");
  const select = store.prepare("SELECT * FROM oauthCodes WHERE code = ?");
  const markUsed = store.prepare("UPDATE oauthCodes SET isUsed = 1 WHERE code = ?");
  return {
    issue(personId) {
      const code = randomBytes(32).toString("base64url");
      insert.run(code, personId, now() + CODE_LIFETIME_MS);
      return code;
    },
    use(code) {
      const row = select.get(code) as
        { personId: string; expiresAtMs: number; isUsed: 0 | 1 } | undefined;
      if (row === undefined) return { is: "unknown" };
      if (row.isUsed === 1) return { is: "used" };
      if (row.expiresAtMs <= now()) return { is: "expired" };
      markUsed.run(code);
      return { is: "person", personId: row.personId };
    },
  };
}

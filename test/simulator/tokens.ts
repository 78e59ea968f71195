import { randomBytes } from "node:crypto";
import { receivers, type Corp, type SecretKind } from "./corp.ts";
import type { Store } from "./store.ts";

/** Tokens and tickets live two hours. */
const LIFETIME_MS = 7_200_000;

/** The corp's ticket signs `config`, the app's ticket signs `agentConfig`; they are not interchangeable. */
export type TicketKind = "corp" | "agent";

export type TokenState =
  { is: "valid"; kind: SecretKind } | { is: "unknown" } | { is: "expired"; kind: SecretKind };

export interface Lease {
  value: string;
  expiresInS: number;
}

export interface Tokens {
  /** The secret's token: the same one while it is valid. Undefined for a secret that is none of ours. */
  issue: (secret: string) => Lease | undefined;
  check: (token: string) => TokenState;
  /** Ends every token at once; the next gettoken makes new ones. */
  expireAll: () => void;
  ticket: (kind: TicketKind) => Lease;
  /** The tickets that a signature of this moment may have been made with. */
  validTickets: (kind: TicketKind) => string[];
}

export function openTokens(store: Store, corp: Corp, now: () => number): Tokens {
  const token = store.prepare("SELECT * FROM tokens WHERE token = ?");
  const tokenOf = store.prepare("SELECT * FROM tokens WHERE kind = ? AND expiresAtMs > ?");
  const addToken = store.prepare("INSERT INTO tokens VALUES (?, ?, ?)");
  const expire = store.prepare("UPDATE tokens SET expiresAtMs = ? WHERE expiresAtMs > ?");
  const ticketsOf = store.prepare("SELECT * FROM tickets WHERE kind = ? AND expiresAtMs > ?");
  const addTicket = store.prepare("INSERT INTO tickets VALUES (?, ?, ?)");
  const lease = (value: string, expiresAtMs: number): Lease => ({
    value,
    expiresInS: Math.ceil((expiresAtMs - now()) / 1000),
  });
  const validTickets = (kind: TicketKind) =>
    ticketsOf.all(kind, now()) as { ticket: string; expiresAtMs: number }[];
  return {
    issue(secret) {
      const kind = receivers.find((one) => corp.secrets[one] === secret);
      if (kind === undefined) return undefined;
      const row = tokenOf.get(kind, now()) as { token: string; expiresAtMs: number } | undefined;
      if (row !== undefined) return lease(row.token, row.expiresAtMs);
      const value = randomBytes(96).toString("base64url");
      addToken.run(value, kind, now() + LIFETIME_MS);
      return lease(value, now() + LIFETIME_MS);
    },
    check(value) {
      const row = token.get(value) as { kind: SecretKind; expiresAtMs: number } | undefined;
      if (row === undefined) return { is: "unknown" };
      return { is: row.expiresAtMs > now() ? "valid" : "expired", kind: row.kind };
    },
    expireAll: () => void expire.run(now(), now()),
    ticket(kind) {
      const row = validTickets(kind)[0];
      if (row !== undefined) return lease(row.ticket, row.expiresAtMs);
      const value = randomBytes(48).toString("base64url");
      addTicket.run(value, kind, now() + LIFETIME_MS);
      return lease(value, now() + LIFETIME_MS);
    },
    validTickets: (kind) => validTickets(kind).map((row) => row.ticket),
  };
}

import { randomBytes, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import type { Clock } from "../clock.ts";
import { StampError } from "./stamp-error.ts";
import { askForStamp, checkStamp } from "./time-stamp.ts";
import type { Stamp } from "./time-stamp.ts";

/** A time-stamping authority that is asked over HTTP (RFC 3161, 3.4). Its address is a setting, nobody's input. */
export interface TimeStampAuthority {
  /** Throws `StampError`. */
  stamp(hash: Buffer): Promise<Stamp & { answer: Buffer }>;
}

export interface AuthoritySettings {
  url: string;
  /** Certificates (PEM) that its own must lead to; null: those that Node trusts. */
  caFile: string | null;
}

const TIMEOUT_MS = 15_000;
/** A stamp with its chain of certificates has a few thousand bytes. */
const MAX_ANSWER = 128 * 1024;
const QUERY = "application/timestamp-query";
const REPLY = "application/timestamp-reply";

export function createTimeStampAuthority(
  { url, caFile }: AuthoritySettings,
  { clock, timeoutMs = TIMEOUT_MS }: { clock: Clock; timeoutMs?: number },
): TimeStampAuthority {
  const trusted = readTrusted(caFile);
  return {
    async stamp(hash) {
      const question = { hash, nonce: randomBytes(16) };
      const answer = await post(url, askForStamp(question), timeoutMs);
      return { ...checkStamp(answer, question, { nowMs: clock.now(), trusted }), answer };
    },
  };
}

/** Throws when the file is not there or holds none: the setting is wrong, and must not pass for trust in all. */
function readTrusted(caFile: string | null): X509Certificate[] {
  if (caFile === null) return rootCertificates.map((pem) => new X509Certificate(pem));
  if (!existsSync(caFile)) throw new Error(`TSA_CA_FILE does not exist: ${caFile}`);
  const pems = readFileSync(caFile, "utf8").match(
    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
  );
  if (!pems) throw new Error(`TSA_CA_FILE holds no certificate: ${caFile}`);
  return pems.map((pem) => new X509Certificate(pem));
}

async function post(url: string, query: Buffer, timeoutMs: number): Promise<Buffer> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": QUERY, accept: REPLY },
      body: new Uint8Array(query),
      // It would lead to an address that nobody has set.
      redirect: "error",
      signal,
    });
    const type = answer.headers.get("content-type") ?? "";
    if (answer.status !== 200 || !type.startsWith(REPLY)) {
      await answer.body?.cancel();
      throw new StampError("refused", `HTTP ${answer.status} ${type}`);
    }
    return await readLimited(answer);
  } catch (error) {
    if (error instanceof StampError) throw error;
    throw new StampError("unreachable", error instanceof Error ? error.message : "no reason");
  }
}

async function readLimited(answer: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += (chunk as Uint8Array).length;
    // Leaving the loop ends the connection.
    if (size > MAX_ANSWER) throw new StampError("not_a_stamp", "the answer is too long");
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}

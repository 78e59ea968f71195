import { createHash, X509Certificate } from "node:crypto";
import {
  BOOLEAN,
  childrenOf,
  contentOf,
  context,
  der,
  DerError,
  derInteger,
  derOid,
  INTEGER,
  NULL,
  OCTETS,
  oidOf,
  readDer,
  SEQUENCE,
  TIME,
} from "./der.ts";
import { checkSigner, TST_INFO } from "./signer.ts";
import type { Token } from "./signer.ts";
import { StampError } from "./stamp-error.ts";

/** What a time-stamping authority (RFC 3161) is asked, and what of its answer is believed: nothing that is not proven. */
export interface Stamp {
  /** By the authority's clock. */
  atMs: number;
  /** The authority's name, from its certificate. */
  authority: string;
}

export interface StampQuestion {
  /** SHA-256 of what is to be stamped. */
  hash: Buffer;
  nonce: Buffer;
}

const SHA256 = "2.16.840.1.101.3.4.2.1";
const SIGNED_DATA = "1.2.840.113549.1.7.2";
/** Granted, and granted with changes; all others are refusals. */
const GRANTED = [0, 1];
/** By so much the authority's clock may differ from ours. */
const MAX_SKEW_MS = 10 * 60_000;

export function askForStamp({ hash, nonce }: StampQuestion): Buffer {
  const algorithm = der(SEQUENCE, derOid(SHA256), der(NULL));
  return der(
    SEQUENCE,
    derInteger(Buffer.from([1])),
    der(SEQUENCE, algorithm, der(OCTETS, hash)),
    derInteger(nonce),
    // With its certificates, so that the stamp stands for itself.
    der(BOOLEAN, Buffer.from([0xff])),
  );
}

/** Throws `StampError` unless the answer is a stamp for this question by an authority that is trusted. */
export function checkStamp(
  answer: Buffer,
  question: StampQuestion,
  context: { nowMs: number; trusted: readonly X509Certificate[] },
): Stamp {
  try {
    const token = openToken(answer);
    const atMs = checkInfo(token.info, question, context.nowMs);
    return { atMs, authority: checkSigner(token, { atMs, trusted: context.trusted }) };
  } catch (error) {
    if (error instanceof StampError) throw error;
    const detail = error instanceof Error ? error.message : "no reason";
    throw new StampError("not_a_stamp", detail);
  }
}

function openToken(answer: Buffer): Token {
  const [status, token] = childrenOf(readDer(answer), SEQUENCE);
  if (!status) throw new DerError("no status");
  const code = contentOf(childrenOf(status, SEQUENCE)[0], INTEGER);
  if (code.length !== 1 || !GRANTED.includes(code[0] ?? -1))
    throw new StampError("refused", `status ${code.toString("hex")}`);
  if (!token) throw new DerError("no token");
  const [type, wrapped] = childrenOf(token, SEQUENCE);
  if (oidOf(type) !== SIGNED_DATA || !wrapped) throw new DerError("not signed data");
  const [signedData] = childrenOf(wrapped, context(0));
  if (!signedData) throw new DerError("no signed data");
  const [, , encapsulated, ...rest] = childrenOf(signedData, SEQUENCE);
  const signers = rest.at(-1);
  if (!encapsulated || !signers) throw new DerError("no content");
  const [contentType, content] = childrenOf(encapsulated, SEQUENCE);
  if (oidOf(contentType) !== TST_INFO || !content) throw new DerError("no time stamp in it");
  const infos = childrenOf(signers, 0x31);
  const [signer] = infos;
  if (!signer || infos.length !== 1) throw new DerError("not exactly one signer");
  const certificates = rest
    .filter(({ tag }) => tag === context(0))
    .flatMap((set) => childrenOf(set, context(0)))
    .filter(({ tag }) => tag === SEQUENCE)
    .map(({ whole }) => new X509Certificate(whole));
  return { info: contentOf(childrenOf(content, context(0))[0], OCTETS), certificates, signer };
}

/** Returns the authority's time. */
function checkInfo(info: Buffer, { hash, nonce }: StampQuestion, nowMs: number): number {
  const [, , imprint, , time, ...rest] = childrenOf(readDer(info), SEQUENCE);
  if (!imprint) throw new DerError("no imprint");
  const [algorithm, stamped] = childrenOf(imprint, SEQUENCE);
  const isSha256 = algorithm && oidOf(childrenOf(algorithm, SEQUENCE)[0]) === SHA256;
  if (!isSha256 || !contentOf(stamped, OCTETS).equals(hash))
    throw new StampError("other_hash", "the stamp is for something else");
  const answered = rest.find(({ tag }) => tag === INTEGER);
  if (answered?.whole.equals(derInteger(nonce)) !== true)
    throw new StampError("other_nonce", "the stamp answers another question");
  const atMs = parseTime(contentOf(time, TIME).toString("latin1"));
  if (Math.abs(atMs - nowMs) > MAX_SKEW_MS)
    throw new StampError("wrong_time", `the stamp says ${new Date(atMs).toISOString()}`);
  return atMs;
}

/** `20260309080102Z`, with or without a fraction. */
function parseTime(text: string): number {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{1,9})?Z$/.exec(text) ?? [];
  const [year, month, day, hour, minute, second, fraction = ""] = parts;
  const atMs = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.slice(0, 4)}Z`,
  );
  if (Number.isNaN(atMs)) throw new DerError("no time");
  return atMs;
}

export const sha256 = (bytes: Buffer | string): Buffer =>
  createHash("sha256").update(bytes).digest();

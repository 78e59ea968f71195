import { timingSafeEqual } from "node:crypto";
import { decrypt, encrypt, getSignature } from "@wecom/crypto";
import type { ReceiverConfig } from "../config.ts";
import { decodeBase64 } from "./base64.ts";
import { CallbackRefusedError } from "./callback-refused-error.ts";
import { readEnvelope } from "./callback-xml.ts";

/** Parts of a request as they came: a parameter that was given twice is a list, a missing one undefined. */
export interface SealedCallback {
  signature: unknown;
  timestamp: unknown;
  nonce: unknown;
  encrypt: unknown;
}

/** The query of a request to a callback address. */
export type CallbackQuery = Readonly<Record<string, unknown>>;

const MAX_PARAMETER_LENGTH = 128;
/** WeCom pads to 32 bytes: 44 or 64 (and so on) characters of base64; nothing shorter can hold a message. */
const MIN_ENCRYPTED_LENGTH = 44;

/**
 * Checks and decrypts one callback; returns its text. Any fault throws `CallbackRefusedError`, which
 * does not tell faults apart, so the endpoint is no oracle. Scheme: wecom-api documents 90930, 90968.
 */
export function openCallback(
  receiver: ReceiverConfig,
  corpId: string,
  sealed: SealedCallback,
): string {
  const signature = parameter(sealed.signature);
  const timestamp = parameter(sealed.timestamp);
  const nonce = parameter(sealed.nonce);
  const encrypted = sealed.encrypt;
  if (typeof encrypted !== "string" || encrypted.length < MIN_ENCRYPTED_LENGTH) refuse();
  // The signature comes first: nobody without the token learns anything from what is decrypted.
  const expected = getSignature(receiver.token.reveal(), timestamp, nonce, encrypted);
  if (!isSame(signature, expected) || !decodeBase64(encrypted)) refuse();
  return decryptStrictly(receiver.encodingAesKey.reveal(), corpId, encrypted);
}

/** GET: the plain text with which to answer WeCom's check of the address, byte for byte. */
export function openEcho(receiver: ReceiverConfig, corpId: string, query: CallbackQuery): string {
  return openCallback(receiver, corpId, { ...readQuery(query), encrypt: query["echostr"] });
}

/** POST: the event's XML out of the request's query and body. */
export function openDelivery(
  receiver: ReceiverConfig,
  corpId: string,
  query: CallbackQuery,
  body: string,
): string {
  return openCallback(receiver, corpId, { ...readQuery(query), ...readEnvelope(body) });
}

/**
 * `decrypt` of the package takes any padding and cuts silently at any length field. It is trusted only
 * as far as encrypting its result gives the very same text again. That holds exactly when the pad is
 * 1 to 32 equal bytes to a multiple of 32, the length field counts the message's bytes, the text is
 * sound UTF-8 and the base64 is canonical.
 */
function decryptStrictly(encodingAesKey: string, corpId: string, encrypted: string): string {
  let opened: { message: string; id: string; isSound: boolean };
  try {
    const { message, id, random } = decrypt(encodingAesKey, encrypted);
    const again = encrypt(encodingAesKey, message, id, random);
    opened = { message, id, isSound: isSame(again, encrypted) };
  } catch {
    refuse();
  }
  if (!opened.isSound || opened.id !== corpId) refuse();
  return opened.message;
}

function readQuery(query: CallbackQuery): Omit<SealedCallback, "encrypt"> {
  return {
    signature: query["msg_signature"],
    timestamp: query["timestamp"],
    nonce: query["nonce"],
  };
}

function parameter(value: unknown): string {
  if (typeof value !== "string" || value === "" || value.length > MAX_PARAMETER_LENGTH) refuse();
  return value;
}

/** `timingSafeEqual` throws on different lengths; a length is no secret here. */
function isSame(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left, "utf8"), Buffer.from(right, "utf8")];
  return a.length === b.length && timingSafeEqual(a, b);
}

function refuse(): never {
  throw new CallbackRefusedError();
}

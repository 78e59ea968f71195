import { randomInt } from "node:crypto";
import { setMaxListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { formatDelivery } from "./callback-events.ts";
import type { ArchiveState, Faults } from "./client-contract.ts";
import { randomText, type Corp, type Receiver } from "./corp.ts";
import { encryptCallback, signCallback } from "./crypto/callback-crypto.ts";

/** WeCom waits this long for the answer to an event, and one second for a URL verification. */
const DEADLINE_MS = 5000;
const VERIFY_DEADLINE_MS = 1000;
/** Retries after the first attempt. */
const RETRIES = 3;

export interface CallbackRequest {
  timestamp: string;
  nonce: string;
  signature: string;
  body: string;
}

/** What a forgery may change; everything left out is made as WeCom makes it. */
export interface Forgery {
  timestamp?: string;
  nonce?: string;
  signature?: string;
  receiveId?: string;
  token?: string;
  encodingAesKey?: string;
  /** Replaces the encrypted text (the signature is made over it). */
  encrypted?: string;
  /** Replaces the whole body. */
  body?: string;
}

export interface CallbackAnswer {
  /** 0 when there was no answer in time. */
  status: number;
  body: string;
}

export interface CallbackSenderOptions {
  corp: Corp;
  paths: Record<Receiver, string>;
  faults: () => Faults;
  now: () => number;
  retryDelayMs: number;
  deadlineMs?: number;
}

export interface CallbackSender {
  setApp: (url: string) => void;
  /** Whether the product has a callback address at all (interactive cards need one). */
  isConfigured: () => boolean;
  /** Delivers an event as WeCom would, as the faults say; without a product nobody is told. */
  send: (receiver: Receiver, xml: string) => Promise<void>;
  /** Makes one signed request without sending it. */
  sign: (receiver: Receiver, xml: string, forgery?: Forgery) => CallbackRequest;
  /** Sends one request as it is, once; counts nothing. */
  post: (receiver: Receiver, request: CallbackRequest) => Promise<CallbackAnswer>;
  /** The admin console's 保存: true when the raw plaintext came back within a second. */
  verifyUrl: (receiver: Receiver) => Promise<boolean>;
  counters: () => ArchiveState["callbacks"];
  /** Resolves when no delivery is under way. */
  settled: () => Promise<void>;
  close: () => Promise<void>;
}

export function createCallbackSender(options: CallbackSenderOptions): CallbackSender {
  const { corp, paths, faults, now, retryDelayMs, deadlineMs = DEADLINE_MS } = options;
  const counters = { sent: 0, acknowledged: 0, retried: 0, failed: 0 };
  const underWay = new Set<Promise<void>>();
  const closing = new AbortController();
  // As many deliveries as there are may wait for their next try.
  setMaxListeners(0, closing.signal);
  let appUrl: string | null = null;

  const addressOf = (receiver: Receiver, query: Record<string, string>) => {
    if (appUrl === null) throw new Error("The product's address is not known yet.");
    return `${appUrl}${paths[receiver]}?${new URLSearchParams(query).toString()}`;
  };
  const exchange = async (address: string, init: RequestInit, limitMs: number) => {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(limitMs)]);
    try {
      const answer = await fetch(address, { ...init, redirect: "manual", signal });
      return { status: answer.status, body: await answer.text() };
    } catch {
      return { status: 0, body: "" };
    }
  };
  const sign = (receiver: Receiver, xml: string, forgery?: Forgery) =>
    signRequest(corp, receiver, xml, now(), forgery);
  const post = (receiver: Receiver, { body, timestamp, nonce, signature }: CallbackRequest) =>
    exchange(
      addressOf(receiver, { msg_signature: signature, timestamp, nonce }),
      { method: "POST", body, headers: { "content-type": "text/xml; charset=UTF-8" } },
      deadlineMs,
    );
  const deliver = async (receiver: Receiver, xml: string): Promise<void> => {
    counters.sent += 1;
    for (let attempt = 0; attempt <= RETRIES && !closing.signal.aborted; attempt += 1) {
      if (attempt > 0) {
        counters.retried += 1;
        await pause(retryDelayMs, undefined, { signal: closing.signal }).catch(() => undefined);
      }
      // Each attempt is signed afresh: only what is inside the envelope tells a retry from an event.
      const { status } = await post(receiver, sign(receiver, xml));
      if (status === 200) {
        counters.acknowledged += 1;
        return;
      }
    }
    counters.failed += 1;
  };

  return {
    setApp: (url) => void (appUrl = url.replace(/\/$/, "")),
    isConfigured: () => appUrl !== null,
    async send(receiver, xml) {
      if (appUrl === null || faults().dropCallbacks) return;
      const copies = Array.from({ length: faults().callbackCopies }, () => deliver(receiver, xml));
      const all = Promise.all(copies).then(() => undefined);
      underWay.add(all);
      await all.finally(() => underWay.delete(all));
    },
    sign,
    post,
    async verifyUrl(receiver) {
      const plain = String(randomInt(10 ** 12, 10 ** 14));
      const keys = { ...corp.receiverKeys[receiver], receiveId: corp.corpId };
      const echostr = encryptCallback(keys, plain);
      const { timestamp, nonce, signature } = sign(receiver, "", { encrypted: echostr });
      const query = { msg_signature: signature, timestamp, nonce, echostr };
      const answer = await exchange(addressOf(receiver, query), {}, VERIFY_DEADLINE_MS);
      return answer.status === 200 && answer.body === plain;
    },
    counters: () => ({ ...counters }),
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    async close() {
      closing.abort();
      await Promise.allSettled(underWay);
    },
  };
}

function signRequest(
  corp: Corp,
  receiver: Receiver,
  xml: string,
  nowMs: number,
  forgery: Forgery = {},
): CallbackRequest {
  const keys = corp.receiverKeys[receiver];
  const encodingAesKey = forgery.encodingAesKey ?? keys.encodingAesKey;
  const receiveId = forgery.receiveId ?? corp.corpId;
  const encrypted = forgery.encrypted ?? encryptCallback({ encodingAesKey, receiveId }, xml);
  const timestamp = forgery.timestamp ?? String(Math.floor(nowMs / 1000));
  const nonce = forgery.nonce ?? randomText(10, "0123456789");
  const token = forgery.token ?? keys.token;
  const signature = forgery.signature ?? signCallback(token, timestamp, nonce, encrypted);
  const agentId = { app: corp.agentId, archive: corp.archiveAgentId, contacts: null }[receiver];
  const body = forgery.body ?? formatDelivery(corp.corpId, agentId, encrypted);
  return { timestamp, nonce, signature, body };
}

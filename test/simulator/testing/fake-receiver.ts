import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { decryptCallback, signCallback } from "../crypto/callback-crypto.ts";
import type { ReceiverKeys } from "../corp.ts";

export interface Received {
  method: string;
  path: string;
  query: URLSearchParams;
  body: string;
}

/** Decides the answer to the n-th request (from 0); returning without ending leaves it hanging. */
type Answer = (request: Received, index: number, response: ServerResponse) => void;

export interface FakeReceiver {
  url: string;
  received: Received[];
  close: () => Promise<void>;
}

/** The product's callback endpoint as far as the twin can see it. */
export async function startFakeReceiver(
  answer: Answer = (_, __, response) => response.end("success"),
): Promise<FakeReceiver> {
  const received: Received[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "/", "http://receiver");
    const one: Received = {
      method: request.method ?? "",
      path: url.pathname,
      query: url.searchParams,
      body: await text(request),
    };
    received.push(one);
    answer(one, received.length - 1, response);
  };
  const server: Server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Checks the signature and opens the envelope; throws when either is not right. */
export function openDelivery({ query, body }: Received, keys: ReceiverKeys): string {
  const encrypted = /<Encrypt><!\[CDATA\[(.*?)\]\]><\/Encrypt>/s.exec(body)?.[1] ?? "";
  const [timestamp, nonce] = [query.get("timestamp") ?? "", query.get("nonce") ?? ""];
  if (query.get("msg_signature") !== signCallback(keys.token, timestamp, nonce, encrypted)) {
    throw new Error("The signature is wrong.");
  }
  return decryptCallback(keys.encodingAesKey, encrypted).message;
}

/** The text of one element of an event. */
export function readElement(xml: string, name: string): string {
  const match = new RegExp(`<${name}>(?:<!\\[CDATA\\[)?(.*?)(?:\\]\\]>)?</${name}>`, "s").exec(xml);
  return match?.[1] ?? "";
}

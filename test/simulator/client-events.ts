import { EventEmitter } from "node:events";
import type { MessageEvent, PhoneItem } from "./client-contract.ts";

export interface ClientEventMap {
  message: MessageEvent;
  recall: { conversationId: string; messageId: string };
  card: PhoneItem;
  "card-updated": PhoneItem;
}

type Subscriber = <Name extends keyof ClientEventMap>(
  name: Name,
  data: ClientEventMap[Name],
) => void;

/** Hands what happens in the corp to the open clients of the members that it concerns. */
export interface ClientEvents {
  emit: <Name extends keyof ClientEventMap>(
    memberIds: readonly string[],
    name: Name,
    data: ClientEventMap[Name],
  ) => void;
  /** Returns the function that ends the subscription. */
  subscribe: (memberId: string, subscriber: Subscriber) => () => void;
}

export function createClientEvents(): ClientEvents {
  const emitter = new EventEmitter().setMaxListeners(0);
  return {
    emit(memberIds, name, data) {
      for (const memberId of memberIds) emitter.emit(memberId, name, data);
    },
    subscribe(memberId, subscriber) {
      emitter.on(memberId, subscriber);
      return () => emitter.off(memberId, subscriber);
    },
  };
}

import { onBeforeUnmount, onMounted, type Ref } from "vue";
import type { BridgeCallMessage, BridgeReplyMessage } from "../../client-contract.ts";
import { callBridge, errorText } from "./api.ts";

export interface BridgeContext {
  memberId: string;
  conversationId: string | null;
  entry: string;
}

export interface BridgeHost {
  frame: Ref<HTMLIFrameElement | null>;
  /** Address of the product: calls from any other origin are not answered. */
  productUrl: string;
  context: () => BridgeContext;
  /** After a call that succeeded, for what the client itself has to show. */
  onDone?: (name: string, params: Record<string, unknown>) => void;
}

/**
 * Plays the WeCom client towards the bridge script in a frame: hands its calls to the twin, which
 * checks signature, entry and permission, and posts the answers back unchanged.
 */
export function useBridge(host: BridgeHost): void {
  const productOrigin = new URL(host.productUrl).origin;

  async function answer(event: MessageEvent): Promise<void> {
    const frameWindow = host.frame.value?.contentWindow;
    if (!frameWindow || event.source !== frameWindow || event.origin !== productOrigin) return;
    if (!isBridgeCall(event.data)) return;
    const { callId, name, params, frameUrl } = event.data;
    const result = await callBridge({ ...host.context(), frameUrl, name, params }).catch(
      (cause: unknown) => ({ err_msg: `${name}:fail ${errorText(cause)}` }),
    );
    // The frame may have been replaced meanwhile; its successor has calls of its own.
    if (host.frame.value?.contentWindow !== frameWindow) return;
    const reply: BridgeReplyMessage = { kind: "wecom-bridge-reply", callId, result };
    frameWindow.postMessage(reply, productOrigin);
    if (succeeded(result)) host.onDone?.(name, params);
  }

  const listener = (event: MessageEvent) => void answer(event);
  onMounted(() => window.addEventListener("message", listener));
  onBeforeUnmount(() => window.removeEventListener("message", listener));
}

function isBridgeCall(data: unknown): data is BridgeCallMessage {
  if (typeof data !== "object" || data === null) return false;
  const call = data as Partial<Record<keyof BridgeCallMessage, unknown>>;
  return (
    call.kind === "wecom-bridge-call" &&
    typeof call.callId === "number" &&
    typeof call.name === "string" &&
    typeof call.params === "object" &&
    call.params !== null &&
    typeof call.frameUrl === "string"
  );
}

function succeeded(result: Record<string, unknown>): boolean {
  return typeof result["err_msg"] === "string" && /:(ok|yes)$/.test(result["err_msg"]);
}

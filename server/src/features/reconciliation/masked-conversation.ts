import type { ReconciledConversations } from "#shared/contract/reconciliation";

type Named = Pick<ReconciledConversations["conversations"][number], "kind" | "label">;

const kinds: Record<string, Named["kind"]> = { s: "single", g: "group", i: "internal" };

/** `EXPIRED_CONVERSATION` of the archive's books. */
const EXPIRED = "expired";

/** Enough to recognise a conversation in the log, too little to know a person by. */
export function nameMasked(conversationId: string): Named {
  const [prefix = "", ...ids] = conversationId.split(":");
  if (conversationId === EXPIRED) return { kind: "expired", label: "" };
  const kind = kinds[prefix];
  if (kind === undefined) return { kind: "unknown", label: "" };
  return { kind, label: ids.map(maskId).join(" · ") };
}

function maskId(id: string): string {
  return id.length <= 5 ? `${id.slice(0, 1)}***` : `${id.slice(0, 2)}***${id.slice(-2)}`;
}

import type { Place } from "../../platform/vault/vault.ts";

export function placeOfBody(seq: number): Place {
  return { table: "message", column: "body", rowId: String(seq) };
}

export function placeOfItem(seq: number): Place {
  return { table: "undecodable", column: "item", rowId: String(seq) };
}

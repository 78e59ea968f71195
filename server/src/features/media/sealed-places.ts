import type { Place } from "../../platform/vault/vault.ts";

/** What WeCom said of a file, and the key of the stored one. */
export function placeOf(id: string, column: "reference" | "file_key"): Place {
  return { table: "media", column, rowId: id };
}

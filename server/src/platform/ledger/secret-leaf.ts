import { hash } from "node:crypto";
import { canonicalJson } from "./canonical-json.ts";
import type { CanonicalObject } from "./canonical-json.ts";
import { hashLeaf } from "./merkle.ts";

/**
 * The leaf of something that must stay forgettable. Of what it says only a salted hash goes into the tree: whoever has
 * the salt can show that the record is the one, and once the salt is gone the leaf says nothing about anybody.
 */
export function leafOfSecret(kind: string, salt: Buffer, record: CanonicalObject): Buffer {
  const salted = Buffer.concat([salt, Buffer.from(canonicalJson(record))]);
  const commitment = hash("sha256", salted, "hex");
  return hashLeaf(Buffer.from(canonicalJson({ v: 1, kind, commitment })));
}

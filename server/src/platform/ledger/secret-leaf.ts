import { hash } from "node:crypto";
import { canonicalJson } from "./canonical-json.ts";
import type { CanonicalObject } from "./canonical-json.ts";
import { hashLeaf } from "./merkle.ts";

/**
 * Something that must stay forgettable: its outline (where it stands among others) and its content. Either can be
 * shown to belong to a leaf without the other one, since each is salted on its own.
 */
export interface SecretRecord {
  outline: CanonicalObject;
  content: CanonicalObject;
}

/** What shows that an outline belongs to a leaf, and tells nothing of the content. In hexadecimal. */
export interface OutlineProof {
  salt: string;
  /** The content's salted hash. */
  content: string;
}

/**
 * The leaf of something that must stay forgettable. Of what it says only salted hashes go into the tree: whoever has
 * the salt can show that the record is the one, and once the salt is gone the leaf says nothing about anybody.
 */
export function leafOfSecret(kind: string, salt: Buffer, record: SecretRecord): Buffer {
  const proof = proveOutline(salt, record.content);
  const commitment = saltedHash(Buffer.from(proof.salt, "hex"), {
    ...record.outline,
    content: proof.content,
  });
  return hashLeaf(Buffer.from(canonicalJson({ v: 1, kind, commitment })));
}

/** The content's salt cannot be had from the outline's. */
export function proveOutline(salt: Buffer, content: CanonicalObject): OutlineProof {
  return {
    salt: hash("sha256", Buffer.concat([salt, OUTLINE]), "hex"),
    content: saltedHash(salt, content),
  };
}

/** Never the beginning of a record, which begins with a brace. */
const OUTLINE = Buffer.from("outline");

function saltedHash(salt: Buffer, value: CanonicalObject): string {
  return hash("sha256", Buffer.concat([salt, Buffer.from(canonicalJson(value))]), "hex");
}

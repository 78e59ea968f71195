import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
} from "node:crypto";
import type { KeyObject } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createSecretFile } from "../secret-file.ts";

/** Signs checkpoints. Its key lies outside the database, so whoever can write there cannot sign what was changed. */
export interface SigningKey {
  /** Names the ledger and its signer, such as `wecom.example.com/ledger`. */
  name: string;
  /** First 4 bytes of a hash of name and public key, by which a signature says whose it is. */
  hint: Buffer;
  /** 32 bytes; to be kept where this product's administrators cannot change it. */
  publicKey: Buffer;
  /** SHA-256 of the public key in hexadecimal, by which people compare it. */
  fingerprint: string;
  sign(text: string): Buffer;
  verify(text: string, signature: Buffer): boolean;
}

const ED25519 = 1;

/** Reads an Ed25519 key (PKCS#8 PEM) from `file`. A missing file is made when `mayCreate`: while nothing is signed. */
export function loadSigningKey(file: string, name: string, mayCreate: boolean): SigningKey {
  if (!existsSync(file) && mayCreate) {
    const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
    createSecretFile(file, pem.toString());
  }
  return signingKeyOf(createPrivateKey(readFileSync(file)), name);
}

export function signingKeyOf(key: KeyObject, name: string): SigningKey {
  if (key.asymmetricKeyType !== "ed25519") throw new Error("the ledger's key must be Ed25519");
  const publicKey = Buffer.from(
    createPublicKey(key).export({ format: "jwk" }).x ?? "",
    "base64url",
  );
  const named = Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([ED25519]), publicKey]);
  return {
    name,
    hint: createHash("sha256").update(named).digest().subarray(0, 4),
    publicKey,
    fingerprint: createHash("sha256").update(publicKey).digest("hex"),
    sign: (text) => sign(null, Buffer.from(text), key),
    verify: (text, signature) => verify(null, Buffer.from(text), createPublicKey(key), signature),
  };
}

import { createPrivateKey, createPublicKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface PrivateKeys {
  /** By the version that WeCom gave the public key (publickey_ver). */
  keys: Map<number, KeyObject>;
  /** Files that were left out, each with a reason for the administrator. */
  problems: { file: string; problem: string }[];
}

const MIN_BITS = 2048;

/**
 * Reads `<version>.pem` (PKCS#1 or PKCS#8) for every version. All versions stay: old messages keep the
 * key that they were encrypted with. A folder that does not exist holds no keys; a file that is wrong is named.
 */
export function readPrivateKeys(dir: string): PrivateKeys {
  const keys = new Map<number, KeyObject>();
  const problems: PrivateKeys["problems"] = [];
  for (const file of listPemFiles(dir)) {
    const version = /^([1-9]\d{0,8})\.pem$/.exec(file)?.[1];
    const read = version === undefined ? "the name is not <version>.pem" : readKey(join(dir, file));
    if (typeof read === "string") problems.push({ file, problem: read });
    else keys.set(Number(version), read);
  }
  return { keys, problems };
}

/** Every readable key pair by its version, with its public half as PEM. */
export function listArchiveKeys(dir: string): { version: number; publicKey: string }[] {
  return [...readPrivateKeys(dir).keys]
    .map(([version, key]) => {
      const publicKey = createPublicKey(key).export({ type: "spki", format: "pem" }).toString();
      return { version, publicKey };
    })
    .sort((left, right) => left.version - right.version);
}

function listPemFiles(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((file) => file.endsWith(".pem"))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** The key, or what is wrong; never a part of the file. */
function readKey(path: string): KeyObject | string {
  try {
    const key = createPrivateKey(readFileSync(path));
    if (key.asymmetricKeyType !== "rsa") return "not an RSA key";
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    return bits < MIN_BITS ? `the key has ${bits} bits, WeCom's have ${MIN_BITS}` : key;
  } catch {
    return "not a readable private key (PEM, PKCS#1 or PKCS#8, without a passphrase)";
  }
}

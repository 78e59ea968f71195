import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { readPublicKey } from "./crypto/archive-crypto.ts";
import type { Store } from "./store.ts";

export interface ArchiveKeys {
  /** The version that new items are sealed with, and its public key. */
  current(): { version: number; publicKey: KeyObject };
  /** Makes the next version; its private key reaches the product's folder only when `deliver` is set. */
  rotate: (deliver: boolean) => number;
  /** Puts every private key that was withheld into the product's folder. */
  deliverAll: () => void;
  deliveredVersions: () => number[];
}

interface KeyRow {
  version: number;
  publicPem: string;
  privatePem: string;
  delivered: 0 | 1;
}

/**
 * The corp's RSA key pairs by version. In life the corp makes them and shows WeCom the public half; here the
 * twin plays both and leaves the private halves as `<version>.pem` where the product looks for them.
 */
export function openArchiveKeys(store: Store, folder: string): ArchiveKeys {
  const newest = store.prepare("SELECT * FROM archiveKeys ORDER BY version DESC LIMIT 1");
  const insert = store.prepare(
    "INSERT INTO archiveKeys VALUES (@version, @publicPem, @privatePem, @delivered)",
  );
  const markDelivered = store.prepare("UPDATE archiveKeys SET delivered = 1 WHERE version = ?");
  const all = store.prepare("SELECT * FROM archiveKeys ORDER BY version");
  let publicKey: KeyObject | undefined;

  const deliver = (row: KeyRow) => {
    writeKeyFile(folder, row);
    markDelivered.run(row.version);
  };
  const rotate = (isDelivered: boolean): number => {
    const version = ((newest.get() as KeyRow | undefined)?.version ?? 0) + 1;
    const row: KeyRow = { version, ...createKeyPair(version), delivered: 0 };
    insert.run(row);
    publicKey = undefined;
    if (isDelivered) deliver(row);
    return version;
  };

  const rows = all.all() as KeyRow[];
  if (rows.length === 0) rotate(true);
  // The folder may be new while the data file is not (a product that starts afresh).
  else for (const row of rows) if (row.delivered === 1) writeKeyFile(folder, row);

  return {
    current() {
      const row = newest.get() as KeyRow;
      publicKey ??= readPublicKey(row.publicPem);
      return { version: row.version, publicKey };
    },
    rotate,
    deliverAll: () => (all.all() as KeyRow[]).forEach(deliver),
    deliveredVersions: () =>
      (all.all() as KeyRow[]).filter((row) => row.delivered === 1).map((row) => row.version),
  };
}

function createKeyPair(version: number): { publicPem: string; privatePem: string } {
  const pair = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "pkcs1", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  // Companies keep either kind of PEM, so the versions take turns.
  const privatePem =
    version % 2 === 0
      ? pair.privateKey
      : createPrivateKey(pair.privateKey).export({ type: "pkcs1", format: "pem" });
  return { publicPem: pair.publicKey, privatePem: privatePem.toString() };
}

/** Written beside and renamed, so that a reader never sees half a key. */
function writeKeyFile(folder: string, { version, privatePem }: KeyRow): void {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${version}.pem`);
  writeFileSync(`${file}.part`, privatePem, { mode: 0o600 });
  renameSync(`${file}.part`, file);
}

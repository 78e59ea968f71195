import { constants, createPrivateKey, privateDecrypt, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";

const SAMPLES = 500;

/** Returns what tells how many µs of CPU a private RSA operation takes here and now. */
export function createRsaMeter(keyFile: string): () => number {
  return createKeyMeter(createPrivateKey(readFileSync(keyFile)));
}

/** The same with a key at hand. */
export function createKeyMeter(key: KeyObject): () => number {
  // Below any modulus.
  const block = Buffer.alloc(256, 1).fill(0, 0, 1);
  return () => {
    const before = process.cpuUsage();
    for (let times = 0; times < SAMPLES; times += 1) {
      privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, block);
    }
    return cpuMicrosSince(before) / SAMPLES;
  };
}

/** Of all threads of this process. */
export function cpuMicrosSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

import { generateKeyPairSync } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPrivateKeys } from "../../../server/src/wecom/archive-keys.ts";

const rsa = (modulusLength: number) => generateKeyPairSync("rsa", { modulusLength }).privateKey;
const pem = (key: KeyObject, type: "pkcs1" | "pkcs8") => key.export({ type, format: "pem" });

describe("the folder of private keys", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "archive-keys-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("holds every version, in either form", () => {
    const [first, second] = [rsa(2048), rsa(2048)];
    writeFileSync(join(folder, "1.pem"), pem(first, "pkcs1"));
    writeFileSync(join(folder, "12.pem"), pem(second, "pkcs8"));
    writeFileSync(join(folder, "README"), "not a key");
    const { keys, problems } = readPrivateKeys(folder);
    expect([...keys.keys()]).toEqual([1, 12]);
    expect(keys.get(12)!.equals(second)).toBe(true);
    expect(problems).toEqual([]);
  });

  it("names each file that is wrong and keeps the others", () => {
    writeFileSync(join(folder, "1.pem"), pem(rsa(2048), "pkcs1"));
    writeFileSync(join(folder, "2.pem"), "-----BEGIN PRIVATE KEY-----\ncanary\n");
    writeFileSync(join(folder, "3.pem"), pem(rsa(1024), "pkcs1"));
    writeFileSync(join(folder, "4.pem"), pem(generateKeyPairSync("ed25519").privateKey, "pkcs8"));
    writeFileSync(
      join(folder, "5.pem"),
      rsa(2048).export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" }),
    );
    writeFileSync(join(folder, "old.pem"), pem(rsa(2048), "pkcs1"));
    const { keys, problems } = readPrivateKeys(folder);
    expect([...keys.keys()]).toEqual([1]);
    expect(problems.map(({ file }) => file)).toEqual([
      "2.pem",
      "3.pem",
      "4.pem",
      "5.pem",
      "old.pem",
    ]);
    expect(JSON.stringify(problems)).not.toContain("canary");
  });

  it("that does not exist holds none", () => {
    expect(readPrivateKeys(join(folder, "none"))).toEqual({ keys: new Map(), problems: [] });
  });
});

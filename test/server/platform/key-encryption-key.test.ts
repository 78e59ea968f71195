import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadKeyEncryptionKey } from "../../../server/src/platform/vault/key-encryption-key.ts";

/** The calls that a new key file takes. */
const calls = ["mkdirSync", "writeFileSync", "linkSync", "openSync", "fsyncSync"] as const;

describe("the vault's key file", () => {
  let folder: string;
  const file = (): string => join(folder, "keys", "vault.key");

  beforeEach(() => {
    folder = fs.mkdtempSync(join(tmpdir(), "vault-key-"));
  });
  afterEach(() => {
    jest.restoreAllMocks();
    fs.rmSync(folder, { recursive: true });
  });

  it("is made once, readable for its owner alone, and read from then on", () => {
    const made = loadKeyEncryptionKey(file(), true);
    expect(fs.statSync(file()).mode & 0o777).toBe(0o400);
    expect(loadKeyEncryptionKey(file(), true)).toEqual(made);
    expect(loadKeyEncryptionKey(file(), false)).toEqual(made);
    expect(fs.readdirSync(join(folder, "keys"))).toEqual(["vault.key"]);
  });

  it("is not made when something may be sealed under a lost one, and refuses half a key", () => {
    expect(() => loadKeyEncryptionKey(file(), false)).toThrow("ENOENT");
    fs.mkdirSync(join(folder, "keys"));
    fs.writeFileSync(file(), "abc");
    expect(() => loadKeyEncryptionKey(file(), true)).toThrow("64 hexadecimal digits");
  });

  it("is the other's when two make it at once", () => {
    const link = fs.linkSync;
    let others: unknown;
    jest.spyOn(fs, "linkSync").mockImplementationOnce((...given) => {
      others = loadKeyEncryptionKey(file(), true);
      link(...given);
    });
    expect(loadKeyEncryptionKey(file(), true)).toEqual(others);
  });

  it.each(calls)(
    "is whole or not there when %s fails in the middle, and the next start makes it",
    (name) => {
      jest.spyOn(fs, name).mockImplementationOnce((...given: unknown[]) => {
        // As far as a full disk lets it come.
        if (name === "writeFileSync") fs.appendFileSync(String(given[0]), "0123");
        throw Object.assign(new Error("full"), { code: "ENOSPC" });
      });
      expect(() => loadKeyEncryptionKey(file(), true)).toThrow("full");
      expect(loadKeyEncryptionKey(file(), true)).toEqual(loadKeyEncryptionKey(file(), false));
    },
  );
});

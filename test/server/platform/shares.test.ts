import { createKey } from "../../../server/src/platform/vault/key-encryption-key.ts";
import {
  inverse,
  joinShares,
  multiply,
  splitKey,
  WrongShareError,
} from "../../../server/src/platform/vault/shares.ts";

describe("arithmetic in GF(256)", () => {
  // FIPS 197, sections 4.2 and 4.2.1.
  it.each([
    [0x57, 0x83, 0xc1],
    [0x57, 0x13, 0xfe],
    [0x57, 0x02, 0xae],
    [0x57, 0x10, 0x07],
  ])("%d × %d = %d", (left, right, product) => {
    expect(multiply(left, right)).toBe(product);
    expect(multiply(right, left)).toBe(product);
  });

  it("has an inverse of every number but 0", () => {
    for (let number = 1; number < 256; number += 1) {
      expect(multiply(number, inverse(number))).toBe(1);
    }
  });
});

describe("recovery shares", () => {
  const pairs = [
    [0, 1],
    [1, 0],
    [0, 2],
    [2, 1],
  ] as const;

  it("rebuild the key, any two of them in any order, also typed in small letters", () => {
    for (let turn = 0; turn < 50; turn += 1) {
      const key = createKey();
      const shares = splitKey(key);
      expect(shares).toHaveLength(3);
      for (const [left, right] of pairs) {
        expect(joinShares([shares[left]!, ` ${shares[right]!}\n`])).toEqual(key);
      }
    }
  });

  it("find every wrong digit and every pair that does not belong together", () => {
    const [one, two] = splitKey(createKey()) as [string, string];
    for (let at = 4; at < one.length; at += 1) {
      const digit = one[at] === "-" ? "-" : one[at] === "7" ? "8" : "7";
      const wrong = one.slice(0, at) + digit + one.slice(at + 1);
      if (wrong !== one) expect(() => joinShares([wrong, two])).toThrow(WrongShareError);
    }
    expect(() => joinShares([one, one])).toThrow("same share");
    expect(() => joinShares([one])).toThrow("2 shares");
    expect(() => joinShares([one, splitKey(createKey())[1]!])).toThrow("different keys");
    expect(() => joinShares([one, "WG1"])).toThrow("12 parts");
  });

  it("do not fit shares of another splitting of the same key", () => {
    const key = createKey();
    const [one, two] = [splitKey(key)[0]!, splitKey(key)[1]!];
    expect(() => joinShares([one, two])).toThrow("do not belong together");
  });

  it("alone say nothing: each byte of a share is as likely as any other, whatever the key", () => {
    const key = { ...createKey(), key: Buffer.alloc(32) };
    const seen = new Set<string>();
    for (let turn = 0; turn < 400; turn += 1) {
      for (const byte of splitKey(key)[0]!.split("-").slice(3, -1).join("").match(/../g) ?? []) {
        seen.add(byte);
      }
    }
    expect(seen.size).toBe(256);
  });
});

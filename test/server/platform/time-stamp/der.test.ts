import fc from "fast-check";
import {
  childrenOf,
  contentOf,
  der,
  DerError,
  derInteger,
  derOid,
  INTEGER,
  OCTETS,
  oidOf,
  readDer,
  SEQUENCE,
} from "../../../../server/src/platform/time-stamp/der.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

describe("DER", () => {
  it.each([
    ["0", "02 01 00"],
    ["7f", "02 01 7f"],
    ["80", "02 02 00 80"],
    ["000100", "02 02 01 00"],
  ])("writes the number %s in its one form", (value, expected) => {
    expect(derInteger(hex(value.padStart(2, "0")))).toEqual(hex(expected));
  });

  it.each(["1.2.840.113549.1.9.16.1.4", "2.16.840.1.101.3.4.2.1", "2.5.4.3", "0.4.0.1862.1"])(
    "writes and reads %s",
    (dotted) => {
      expect(oidOf(readDer(derOid(dotted)))).toBe(dotted);
    },
  );

  it("reads what it writes, of any length", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 5 }), (parts) => {
        const whole = der(SEQUENCE, ...parts.map((part) => der(OCTETS, Buffer.from(part))));
        const read = childrenOf(readDer(whole), SEQUENCE).map((node) => contentOf(node, OCTETS));
        expect(read).toEqual(parts.map((part) => Buffer.from(part)));
      }),
    );
  });

  it.each([
    ["nothing", ""],
    ["a cut length", "30 82 01"],
    ["a cut content", "04 05 01 02"],
    ["two values", "04 00 04 00"],
    ["a length without an end", "30 80 00 00"],
    ["a length that could be shorter", "04 81 01 00"],
    ["a length that could be shorter, of two bytes", "04 82 00 80"],
    ["a length beyond all memory", "04 88 ff ff ff ff ff ff ff ff"],
    ["a tag of several bytes", "1f 81 01 00"],
  ])("refuses %s", (_name, bytes) => {
    expect(() => readDer(hex(bytes))).toThrow(DerError);
  });

  it("says which tag it wants", () => {
    expect(() => contentOf(readDer(hex("04 00")), INTEGER)).toThrow(DerError);
    expect(() => contentOf(undefined, INTEGER)).toThrow(DerError);
  });
});

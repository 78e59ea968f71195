import { parseByteRange } from "../../../../server/src/features/media/byte-range.ts";

test.each<[string, number, ReturnType<typeof parseByteRange>]>([
  ["", 10, null],
  ["bytes=0-0", 10, { from: 0, to: 1 }],
  ["bytes=0-9", 10, { from: 0, to: 10 }],
  ["bytes=3-", 10, { from: 3, to: 10 }],
  ["bytes=3-99", 10, { from: 3, to: 10 }],
  ["bytes=-3", 10, { from: 7, to: 10 }],
  ["bytes=-30", 10, { from: 0, to: 10 }],
  ["bytes=-0", 10, "unsatisfiable"],
  ["bytes=10-", 10, "unsatisfiable"],
  ["bytes=10-12", 10, "unsatisfiable"],
  ["bytes=0-", 0, "unsatisfiable"],
  ["bytes=-5", 0, "unsatisfiable"],
  ["bytes=5-4", 10, null],
  ["bytes=-", 10, null],
  ["bytes=0-1,3-4", 10, null],
  ["bytes=0x1-2", 10, null],
  ["bytes=99999999999999999999-", 10, null],
  ["lines=0-1", 10, null],
])("%j of %d bytes", (header, size, expected) => {
  expect(parseByteRange(header, size)).toEqual(expected);
});

import fc from "fast-check";
import { textOfJson } from "../../../../server/src/features/archive/text-of-json.ts";
import { readArchiveMessage } from "../../../../server/src/wecom/archive-message.ts";

/** Texts with what JSON hides, and with what looks like the end or the beginning of a message. */
const awkward = fc.array(
  fc.oneof(
    fc.string({ unit: "binary", maxLength: 6 }),
    fc.constantFrom(
      "保本",
      " ",
      "\n",
      '"',
      "\\",
      '"}}',
      '"msgtype":"text","text":{"content":"',
      "\u00a0",
      "\u0085",
      "\ud83d\ude00",
    ),
  ),
  { maxLength: 6 },
);
const text = awkward.map((pieces) => pieces.join(""));

const message = fc
  .record({ said: text, id: text, other: text, kind: fc.constantFrom("text", "markdown", "mixed") })
  .chain(({ said, id, other, kind }) => {
    const own = { msgid: id, action: "send", from: "a", tolist: ["b", other], msgtype: kind };
    const inner = JSON.stringify({ msgtype: "text", text: { content: other } });
    return fc.constantFrom(
      { ...own, text: { content: said } },
      { ...own, text: { content: said }, later: other },
      { ...own, markdown: { content: said }, text: { content: other } },
      { ...own, mixed: { item: [{ type: "text", content: inner }] }, text: { content: said } },
      { ...own, mixed: { item: [{ msgtype: "text", text: { content: other } }] } },
      { nested: { msgtype: "text", text: { content: other } }, ...own },
      { ...own, nested: { msgtype: "text", text: { content: other } } },
    );
  });

test("says of every message what reading all of it says", () => {
  fc.assert(
    fc.property(message, (wire) => {
      const json = JSON.stringify(wire);
      expect(textOfJson(Buffer.from(json))).toBe(readArchiveMessage(json)?.text);
    }),
    { seed: 20261123, numRuns: 2000 },
  );
});

test("says of bytes that are no message nothing", () => {
  for (const json of ["", "x", '"}}', '"msgtype":"text","text":{"content":"']) {
    expect(textOfJson(Buffer.from(json))).toBe("");
  }
});

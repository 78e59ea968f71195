import fc from "fast-check";
import { matcherOf } from "../../../../server/src/features/archive/text-match.ts";
import { readArchiveMessage } from "../../../../server/src/wecom/archive-message.ts";

/** Characters that JSON writes in another way, or that stand in its own notation. */
const unit = fc.constantFrom(
  ...Array.from('保本0123.eE-+n \t\n\u0007\u0085"\\/{}[]:,a😀\u200b'),
  "\ud800",
);
const said = fc.string({ unit, maxLength: 12 });
const wanted = fc.string({ unit, minLength: 2, maxLength: 3 });

/** As WeCom may write it: escapes where none are needed, or control characters where some would be. */
function writings(message: object): string[] {
  const json = JSON.stringify(message);
  return [
    json,
    JSON.stringify(message, null, 2),
    json.replace(/[^\x20-\x7e]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`),
    json.replaceAll("\\t", "\t").replaceAll("\\u0007", "\u0007"),
  ];
}

/** The shortcut must never decide otherwise than reading the message would. */
function check(message: object, text: string): void {
  for (const json of writings(message)) {
    const read = readArchiveMessage(json)?.text ?? "";
    expect(matcherOf(text)(Buffer.from(json))).toBe(read.includes(text) ? read : null);
  }
}

describe("looking for a text in a message's JSON", () => {
  it("is the same as looking in what it says, however it is written", () => {
    fc.assert(
      fc.property(said, wanted, (content, text) =>
        check({ msgid: "m", msgtype: "text", text: { content } }, text),
      ),
    );
  });

  it("also in what stands deeper", () => {
    const item = fc.record({ type: fc.constant("text"), content: said });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 3 }), wanted, (items, text) => {
        const wrapped = items.map(({ type, content }) => ({
          type,
          content: JSON.stringify({ content }),
        }));
        check({ msgid: "m", msgtype: "mixed", mixed: { item: wrapped } }, text);
      }),
    );
  });

  it.each([
    ['{"msgtype":"text","text":{"content":1e3}}', "1000", "1000"],
    ['{"msgtype":"text","text":{"content":1e999}}', "finit", "Infinity"],
    ['{"msgtype":"text","text":{"content":"你好"}}', "text", null],
    ["not JSON 你好", "你好", null],
  ])("%s with %s", (json, text, found) => {
    expect(matcherOf(text)(Buffer.from(json))).toBe(found);
  });
});

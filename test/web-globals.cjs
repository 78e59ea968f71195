// Every browser has these; jsdom does not. Node's own encoder answers with an array of Node's realm,
// which is no `Uint8Array` to the page.
const node = require("node:util");

globalThis.TextDecoder = node.TextDecoder;
globalThis.TextEncoder = class TextEncoder {
  encode(text) {
    return Uint8Array.from(new node.TextEncoder().encode(text));
  }
};

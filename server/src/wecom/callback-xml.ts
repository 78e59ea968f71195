import { XMLParser } from "fast-xml-parser";
import { CallbackRefusedError } from "./callback-refused-error.ts";

/** The endpoint's cap on a body; decrypted texts are shorter than that. */
const MAX_XML_BYTES = 64 * 1024;
/** Real ones nest four deep. */
const MAX_DEPTH = 16;

const parser = new XMLParser({
  ignoreAttributes: true,
  // Ids have 64 bits, and an id "007" is not the number 7: every value stays text.
  parseTagValue: false,
  trimValues: true,
  processEntities: false,
  maxNestedTags: MAX_DEPTH,
});

/** Element names to texts or further elements; without a prototype's names. */
export type XmlNode = ReadonlyMap<string, XmlValue>;
type XmlValue = string | XmlNode;

/** The outer XML of a delivery. Throws `CallbackRefusedError` when it is not one. */
export function readEnvelope(xml: string): { encrypt: string } {
  const encrypt = readXml(xml).get("Encrypt");
  if (typeof encrypt !== "string") throw new CallbackRefusedError();
  return { encrypt };
}

/**
 * The children of `<xml>`. Definitions of entities, NUL, excess length or nesting and anything without such
 * an element throw `CallbackRefusedError`. An element that is repeated is left out: which one counts is not defined.
 */
export function readXml(xml: string): XmlNode {
  if (Buffer.byteLength(xml) > MAX_XML_BYTES) throw new CallbackRefusedError();
  if (xml.includes("\0") || /<!\s*(?:DOCTYPE|ENTITY)/i.test(xml)) throw new CallbackRefusedError();
  let parsed: unknown;
  try {
    parsed = parser.parse(xml);
  } catch {
    // The parser's own words quote the input.
    throw new CallbackRefusedError();
  }
  const root = toValue(parsed);
  const body = root instanceof Map ? (root as XmlNode).get("xml") : undefined;
  if (!(body instanceof Map)) throw new CallbackRefusedError();
  return body as XmlNode;
}

function toValue(value: unknown): XmlValue | undefined {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const node = new Map<string, XmlValue>();
  for (const [name, child] of Object.entries(value)) {
    const converted = toValue(child);
    if (converted !== undefined) node.set(name, converted);
  }
  return node;
}

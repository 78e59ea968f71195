/**
 * The bytes of standard base64 in whole groups of four, padded only at the end; null for anything else. Node's own
 * decoder leaves out silently what it does not know, and takes the letters of base64url.
 */
export function decodeBase64(text: string): Buffer | null {
  if (text === "" || text.length % 4 !== 0 || text.includes("-") || text.includes("_")) return null;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = Buffer.from(text, "base64");
  // Whatever the decoder left out is missing at the end.
  return bytes.length === (text.length / 4) * 3 - padding ? bytes : null;
}

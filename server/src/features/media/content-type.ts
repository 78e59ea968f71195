/** What the bytes are, whatever anybody says of them. Null for all that a browser is not to show. */
export type ShownType =
  "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "video/mp4" | "audio/amr";

/** So much of the beginning tells it. */
export const HEAD_BYTES = 32;

/** Brands of the container that are pictures, and so no video. */
const PICTURE_BRANDS = /^(?:hei|hev|mif|msf|avi)/;

export function shownTypeOf(head: Buffer): ShownType | null {
  const at = (from: number, text: string): boolean =>
    head.subarray(from, from + text.length).equals(Buffer.from(text, "latin1"));
  if (at(0, "\x89PNG\r\n\x1a\n")) return "image/png";
  if (at(0, "\xff\xd8\xff")) return "image/jpeg";
  if (at(0, "GIF87a") || at(0, "GIF89a")) return "image/gif";
  if (at(0, "RIFF") && at(8, "WEBP")) return "image/webp";
  if (at(0, "#!AMR\n") || at(0, "#!AMR-WB\n")) return "audio/amr";
  if (at(4, "ftyp") && !PICTURE_BRANDS.test(head.toString("latin1", 8, 12))) return "video/mp4";
  return null;
}

const extensions: Record<ShownType, string> = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/gif": "gif",
  "image/webp": "webp",
  "video/mp4": "mp4",
  "audio/amr": "amr",
};

const MAX_NAME_LENGTH = 120;

/**
 * Under which a file is saved: without folders, without what browsers or people read wrongly (control characters,
 * marks that turn the direction of writing), and with its end kept when it is long.
 */
export function savedNameOf(given: string, id: string, type: ShownType | null): string {
  const name = given
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu, "")
    .replace(/[\\/:*?"<>|]/g, "_")
    .replace(/^[\s.]+|[\s.]+$/g, "");
  if (name === "") return `${id}.${type ? extensions[type] : "bin"}`;
  const characters = Array.from(name);
  if (characters.length <= MAX_NAME_LENGTH) return name;
  const end = /\.[^.]{1,10}$/.exec(name)?.[0] ?? "";
  return characters.slice(0, MAX_NAME_LENGTH - end.length).join("") + end;
}

/** Part of a file; `to` is not included. */
export interface ByteRange {
  from: number;
  to: number;
}

/**
 * What a Range header asks of `size` bytes: one range; null for the whole (no header, one that makes no sense, or
 * several ranges, which nobody needs); "unsatisfiable" for one that lies outside.
 */
export function parseByteRange(header: string, size: number): ByteRange | "unsatisfiable" | null {
  const [, first = "", last = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header) ?? [];
  if (first === "" && last === "") return null;
  if (first === "") {
    // The last so many.
    const count = Math.min(Number(last), size);
    return count === 0 ? "unsatisfiable" : { from: size - count, to: size };
  }
  const from = Number(first);
  if (last !== "" && Number(last) < from) return null;
  if (from >= size) return "unsatisfiable";
  return { from, to: last === "" ? size : Math.min(Number(last) + 1, size) };
}

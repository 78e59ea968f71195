/** A piece of a message with the places where a search found something. */
export interface Excerpt {
  excerpt: string;
  /** UTF-16 offsets in the excerpt. */
  marks: { start: number; end: number }[];
}

/**
 * At most `limit` UTF-16 units of `shown` round the first place at which `text` contains `wanted`, with `…` where
 * something was cut. `shown` is `text` with units replaced one by one, so places in one are places in the other.
 */
export function excerptOf(text: string, shown: string, wanted: string, limit: number): Excerpt {
  const places = placesOf(text, wanted);
  if (shown.length <= limit) return { excerpt: shown, marks: places };
  const room = limit - 2;
  const first = places[0]?.start ?? 0;
  let from = Math.max(0, Math.min(first - Math.floor(room / 3), shown.length - room));
  let to = from + room;
  // Never cut a surrogate pair in two.
  if (isLowSurrogate(shown.charCodeAt(from))) from += 1;
  if (isLowSurrogate(shown.charCodeAt(to))) to -= 1;
  const lead = from > 0 ? "…" : "";
  const shift = lead.length - from;
  return {
    excerpt: lead + shown.slice(from, to) + (to < shown.length ? "…" : ""),
    marks: places
      .filter(({ start, end }) => start >= from && end <= to)
      .map(({ start, end }) => ({ start: start + shift, end: end + shift })),
  };
}

/** Places that do not overlap, from the left. */
function placesOf(text: string, wanted: string): Excerpt["marks"] {
  const places: Excerpt["marks"] = [];
  for (let start = text.indexOf(wanted); start >= 0;) {
    const end = start + wanted.length;
    places.push({ start, end });
    start = text.indexOf(wanted, end);
  }
  return places;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

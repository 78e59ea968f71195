/** Cuts an excerpt at the places that a search found. Pure; offsets are UTF-16 units. */

export interface ExcerptPiece {
  text: string;
  start: number;
  isMarked: boolean;
}

/** Pieces whose texts joined give the excerpt again; marks are in order and do not overlap. */
export function cutAtMarks(
  excerpt: string,
  marks: readonly { start: number; end: number }[],
): ExcerptPiece[] {
  const pieces: ExcerptPiece[] = [];
  const add = (start: number, end: number, isMarked: boolean): void => {
    if (start < end) pieces.push({ text: excerpt.slice(start, end), start, isMarked });
  };
  let at = 0;
  for (const { start, end } of marks) {
    add(at, start, false);
    add(start, end, true);
    at = end;
  }
  add(at, excerpt.length, false);
  return pieces;
}

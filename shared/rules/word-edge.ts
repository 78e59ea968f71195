/** Where words of letters and digits end: 加V does not stand in 加VIP, nor 12315 in 13812315678. */

export type CutSide = "before" | "after";

const digit = 1;
const letter = 2;

/** Digits and the letters of alphabets that write words; 0 for all else, Chinese characters included. */
function runKind(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return digit;
  if (unit >= 0x61 && unit <= 0x7a) return letter;
  // Folded, so lower case: Latin with marks, Greek, Cyrillic.
  if (unit >= 0xdf && unit <= 0x24f && unit !== 0xf7) return letter;
  return unit >= 0x370 && unit <= 0x52f ? letter : 0;
}

/**
 * Do two neighbouring folded units belong to one run of letters or one run of digits? A change from letter to
 * digit is a boundary, as people write 加V138….
 */
export function isOneRun(before: number, after: number): boolean {
  const kind = runKind(after);
  return kind !== 0 && kind === runKind(before);
}

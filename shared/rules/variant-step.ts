/**
 * One thing that was undone to see a word behind its disguise. What the plain fold undoes (width, case,
 * traditional, invisible) is a `FoldStep`.
 */
export const variantSteps = [
  "digit",
  "letter",
  "mark",
  "filler",
  "repeat",
  "split",
  "homophone",
  "near_homophone",
  "pinyin",
  "initial",
  "slang",
] as const;
export type VariantStep = (typeof variantSteps)[number];

/** A word found in a text, however it was found. */
import type { VariantStep } from "./variant-step.ts";
import type { CutSide } from "./word-edge.ts";

/** The exception phrase around a match; [start, end) in UTF-16 units of the original. */
export interface ShelterMatch {
  readonly exception: string;
  readonly start: number;
  readonly end: number;
}

/** A word of a rule where it stands in a text. What costs something is worked out when asked for. */
export interface WordMatch {
  readonly word: number;
  /** Index of the word's rule. */
  readonly rule: number;
  /** In UTF-16 units of the original. */
  readonly start: number;
  readonly end: number;
  /** The side on which the match cuts a run of letters or digits in two. */
  readonly findCut: () => CutSide | undefined;
  readonly findShelter: () => ShelterMatch | undefined;
  /** What was undone beyond the plain fold to see the word. */
  readonly listSteps: () => VariantStep[];
}

/** What becomes of matches. */
export interface MatchVisitor {
  readonly visit: (match: WordMatch) => void;
  /** Asked before anything is worked out: has the rule all the matches that it may have? */
  readonly isFull: (rule: number) => boolean;
}

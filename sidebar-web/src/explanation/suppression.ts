/** Why a word that stands in a sentence was not counted, in words. Pure. */
import type { FindingExplanation } from "#shared/contract/rule";
import { explanationText as text } from "./messages.ts";

export type Suppression = FindingExplanation["suppressed"][number];

export function suppressionOf({ by, word, exception }: Suppression): string {
  if (by === "exception") return text.suppressed.exception(word, exception ?? "");
  return text.suppressed[by](word);
}

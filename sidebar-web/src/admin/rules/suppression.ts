/** Why a word that stands in a sentence was not counted, in words. Pure. */
import type { TrialView } from "#shared/contract/rule";
import { text } from "../messages.ts";

export type Suppression = TrialView["suppressed"][number];

export function suppressionOf({ by, span, exception }: Suppression): string {
  if (by === "exception") return text.trial.suppressed.exception(span.word, exception ?? "");
  return text.trial.suppressed[by](span.word);
}

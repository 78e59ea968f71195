import type { RuleDraft } from "#shared/contract/rule";
import type { SuggestedChange } from "#shared/contract/rule-feedback";

export interface Drafted {
  definition: RuleDraft;
  isEnabled: boolean;
}

/** The rule of the working draft with the change made; null when it says so already. Pure. */
export function applyChange(
  { definition, isEnabled }: Drafted,
  change: SuggestedChange,
): Drafted | null {
  switch (change.kind) {
    case "exception": {
      const { exceptions } = definition;
      if (exceptions.includes(change.phrase)) return null;
      return {
        definition: { ...definition, exceptions: [...exceptions, change.phrase] },
        isEnabled,
      };
    }
    case "raise":
    case "lower":
      // Somebody may have chosen a third level meanwhile.
      if (definition.level !== change.from) return null;
      return { definition: { ...definition, level: change.to }, isEnabled };
    case "remove_word": {
      const words = definition.words.filter((word) => word !== change.word);
      if (words.length === definition.words.length || words.length === 0) return null;
      return { definition: { ...definition, words }, isEnabled };
    }
    case "retire":
      return isEnabled ? { definition, isEnabled: false } : null;
  }
}

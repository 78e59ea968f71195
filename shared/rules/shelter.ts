/**
 * Exception phrases around words: worked out for a word when it is first found, and kept, since a rule has up
 * to a thousand exceptions and most words are never found.
 */
import type { CompiledParts } from "./compiled-rules.ts";
import { foldText } from "./fold.ts";
import { loosenWord } from "./loose-word.ts";

/** A place of a word inside an exception phrase of its rule. */
export interface Shelter {
  /** The phrase as the rule spells it. */
  readonly exception: string;
  /** The phrase in the form in which it is looked for. */
  readonly form: string;
  /** Where in that form the word stands. */
  readonly wordStart: number;
}

export interface WordShelters {
  /** In plainly folded forms. */
  readonly plain: readonly Shelter[];
  /** In loose forms. */
  readonly loose: readonly Shelter[];
  /** Units of the word's own loose form. */
  readonly looseLength: number;
}

function placesOf(exception: string, form: string, word: string): Shelter[] {
  const places: Shelter[] = [];
  if (word === "") return places;
  for (let at = form.indexOf(word); at >= 0; at = form.indexOf(word, at + 1)) {
    places.push({ exception, form, wordStart: at });
  }
  return places;
}

const none: WordShelters = { plain: [], loose: [], looseLength: 0 };
const kept = new WeakMap<CompiledParts, Map<number, WordShelters>>();

export function sheltersOf(parts: CompiledParts, word: number): WordShelters {
  const exceptions = parts.rules[parts.ruleOfWord[word] ?? 0]?.exceptions ?? [];
  if (exceptions.length === 0) return none;
  let byWord = kept.get(parts);
  if (byWord === undefined) {
    byWord = new Map<number, WordShelters>();
    kept.set(parts, byWord);
  }
  let shelters = byWord.get(word);
  if (shelters === undefined) {
    const spelled = parts.words.get(word);
    const [folded, loose] = [foldText(spelled).text, loosenWord(spelled).units];
    shelters = {
      plain: exceptions.flatMap((one) => placesOf(one, foldText(one).text, folded)),
      loose: exceptions.flatMap((one) => placesOf(one, loosenWord(one).units, loose)),
      looseLength: loose.length,
    };
    byWord.set(word, shelters);
  }
  return shelters;
}

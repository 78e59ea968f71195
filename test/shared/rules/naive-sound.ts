/**
 * The specification of homophones at 强, written as plainly as possible and without the engine's code: a word is
 * tried at every place, character by character. For characters with one reading, none of them everyday ones.
 */

/** Read alike, whatever the tone. */
export const homophones: readonly string[] = ["保宝饱", "本笨", "收手守", "稳文吻", "赚撰"];

const soundOf = new Map(homophones.flatMap((row, sound) => Array.from(row, (one) => [one, sound])));

/** Sounds that agree before one that does not, in all of such a word, and characters disguised beside it. */
const soundsBeforeOther = 2;
const fewestWithOther = 4;
const fewestDisguised = 3;

function agreement(word: string, part: string): ("same" | "sound" | "other")[] {
  return Array.from(word, (wanted, at) => {
    const said = part[at]!;
    if (said === wanted) return "same";
    return soundOf.get(said) === soundOf.get(wanted) ? "sound" : "other";
  });
}

/** Does a character that stands in at an end make a usual word with its neighbour outside? */
function belongsOutside(
  word: string,
  text: string,
  { start, isUsual }: { start: number; isUsual: (pair: string) => boolean },
): boolean {
  if (word.length > 3) return false;
  const end = start + word.length;
  const [first, last] = [text[start]!, text[end - 1]!];
  if (first !== word[0] && start > 0 && isUsual(text[start - 1]! + first)) return true;
  return last !== word.at(-1) && end < text.length && isUsual(last + text[end]!);
}

function isMeant(word: string, part: string, isUsual: (pair: string) => boolean): boolean {
  const heard = agreement(word, part);
  const count = (kind: string): number => heard.filter((one) => one === kind).length;
  if (count("same") === word.length) return true;
  const others = count("other");
  if (others > 1) return false;
  if (others === 1) {
    const pairs = Array.from(part.slice(1), (one, at) => part[at]! + one);
    return (
      word.length >= fewestWithOther &&
      heard.indexOf("other") >= soundsBeforeOther &&
      count("sound") >= fewestDisguised &&
      !pairs.some(isUsual)
    );
  }
  // A usual word means what it says.
  if (isUsual(part)) return false;
  return word.length > 2 || count("same") === 1;
}

export function naiveSound(
  word: string,
  text: string,
  usual: ReadonlySet<string>,
): [number, number][] {
  const isUsual = (one: string): boolean => usual.has(one);
  const found: [number, number][] = [];
  for (let start = 0; start + word.length <= text.length; start++) {
    const part = text.slice(start, start + word.length);
    if (!isMeant(word, part, isUsual)) continue;
    if (part !== word && belongsOutside(word, text, { start, isUsual })) continue;
    found.push([start, start + word.length]);
  }
  return found;
}

/**
 * The specification of 标准 for Chinese words, written as plainly as possible and without the engine's code: a
 * text is a list of atoms, each with what a person reads in it; words are tried at every place.
 */

/** What an atom is to a reader: a character, nothing at all, something between characters, the end of a clause. */
export type Reading = { is: string } | "nothing" | "filler" | "pause";

/** Few, so that random words overlap often. No letters or digits: where they end is another matter. */
export const looseAtoms: Readonly<Record<string, Reading>> = {
  保: { is: "保" },
  本: { is: "本" },
  证: { is: "证" },
  證: { is: "证" },
  收: { is: "收" },
  "\u200b": "nothing",
  "\ufe0f": "nothing",
  "\u0336": "nothing",
  " ": "filler",
  "♥": "filler",
  "😀": "filler",
  "￥": "filler",
  "，": "pause",
  "!": "pause",
};

interface Sign {
  readonly is: string;
  readonly start: number;
  end: number;
  /** What stands before it. */
  readonly gap: "none" | "filler" | "pause";
  times: number;
}

const widestRepeatGap = 2;
const widestGap = 12;

/** The characters of a text, those that are repeated as one. */
function readSigns(text: readonly string[]): Sign[] {
  const signs: Sign[] = [];
  let at = 0;
  let gap: Sign["gap"] = "none";
  for (const atom of text) {
    const start = at;
    at += atom.length;
    const reading = looseAtoms[atom]!;
    if (reading === "nothing") continue;
    if (reading === "filler" || reading === "pause") {
      if (reading === "pause") gap = "pause";
      else if (gap === "none") gap = "filler";
      continue;
    }
    const last = signs.at(-1);
    if (last?.is === reading.is && gap !== "pause" && start - last.end <= widestRepeatGap) {
      last.end = at;
      last.times++;
    } else signs.push({ is: reading.is, start, end: at, gap, times: 1 });
    gap = "none";
  }
  return signs;
}

/** Is this how somebody hides the word, and not how anybody writes? */
function isHidden(part: readonly Sign[]): boolean {
  const inside = part.slice(1);
  if (inside.some(({ start }, index) => start - part[index]!.end > widestGap)) return false;
  const apart = inside.filter(({ gap }) => gap !== "none");
  const pauses = apart.filter(({ gap }) => gap === "pause");
  return pauses.length === 0 || (inside.length >= 2 && apart.length === inside.length);
}

/** Where the word stands in disguise or as written, in UTF-16 units; each place once. */
export function naiveLoose(word: readonly string[], text: readonly string[]): [number, number][] {
  const wanted = readSigns(word);
  const signs = readSigns(text);
  const found = new Map<string, [number, number]>();
  const add = (start: number, end: number): void => {
    found.set(`${start}-${end}`, [start, end]);
  };
  for (const place of plainPlaces(word, text)) add(...place);
  const plain = [...found.values()];
  for (let first = 0; first + wanted.length <= signs.length; first++) {
    const part = signs.slice(first, first + wanted.length);
    const agrees = part.every(
      ({ is, times }, at) => is === wanted[at]!.is && times >= wanted[at]!.times,
    );
    if (!agrees || !isHidden(part)) continue;
    const [start, end] = [part[0]!.start, part.at(-1)!.end];
    // What holds the word as written is no disguise of it.
    if (!plain.some(([from, to]) => start <= from && to <= end)) add(start, end);
  }
  return [...found.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

/** As written but for the fold: invisible characters count for nothing, marks and fillers for themselves. */
function plainPlaces(word: readonly string[], text: readonly string[]): [number, number][] {
  const fold = (atoms: readonly string[]) => {
    const units: { unit: string; at: number }[] = [];
    let at = 0;
    for (const atom of atoms) {
      const isInvisible = atom === "\u200b" || atom === "\ufe0f";
      const folded = isInvisible ? "" : atom === "證" ? "证" : atom === "￥" ? "¥" : atom;
      const seen = folded === "，" ? "," : folded;
      for (const [index, unit] of seen.split("").entries()) units.push({ unit, at: at + index });
      at += atom.length;
    }
    return units;
  };
  const [units, wanted] = [
    fold(text),
    fold(word)
      .map(({ unit }) => unit)
      .join(""),
  ];
  const line = units.map(({ unit }) => unit).join("");
  const found: [number, number][] = [];
  for (let at = line.indexOf(wanted); at >= 0; at = line.indexOf(wanted, at + 1)) {
    found.push([units[at]!.at, units[at + wanted.length - 1]!.at + 1]);
  }
  return found;
}

/** A seeded source of chance: the same seed gives the same numbers on every machine, forever. */
export interface Random {
  /** A number in [0, 1). */
  next: () => number;
  /** A whole number from `min` to `max`, both included. */
  int: (min: number, max: number) => number;
  /** True with this probability (0 to 1). */
  chance: (probability: number) => boolean;
  /** One of the items, each as likely; throws on an empty list. */
  pick: <T>(items: readonly T[]) => T;
  /** A shuffled copy. */
  shuffle: <T>(items: readonly T[]) => T[];
  /** `length` characters out of `alphabet`. */
  string: (length: number, alphabet: string) => string;
  /** An independent source, so that a change in one part of the company leaves the others as they are. */
  fork: (label: number) => Random;
}

/** mulberry32 (Tommy Ettinger, public domain): 32 bits of state are plenty for a demo company. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  const pick = <T>(items: readonly T[]): T => {
    if (items.length === 0) throw new RangeError("nothing to pick from");
    return items[int(0, items.length - 1)] as T; // In range by construction; T itself may be undefined.
  };
  const shuffle = <T>(items: readonly T[]): T[] => {
    const rest = [...items];
    const shuffled: T[] = [];
    while (rest.length > 0) shuffled.push(...rest.splice(int(0, rest.length - 1), 1));
    return shuffled;
  };
  const string = (length: number, alphabet: string): string =>
    Array.from({ length }, () => alphabet.charAt(int(0, alphabet.length - 1))).join("");
  const fork = (label: number): Random => createRandom(Math.imul(seed ^ 0x9e3779b9, 31) + label);
  return { next, int, chance: (probability) => next() < probability, pick, shuffle, string, fork };
}

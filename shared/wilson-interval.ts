/** How sure a share is that was counted in a sample. Pure. */

export interface ShareEstimate {
  /** What was counted. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The normal deviate that leaves 2.5 % on each side. */
const Z95 = 1.959963984540054;

/**
 * The Wilson score interval at 95 % (Wilson 1927): unlike the usual one it holds for small samples and for shares of
 * 0 and 1, and never leaves 0 to 1. Null for an empty sample, which says nothing.
 */
export function wilsonInterval(successes: number, total: number): ShareEstimate | null {
  if (total <= 0) return null;
  const value = successes / total;
  const z2 = Z95 * Z95;
  const scale = 1 / (1 + z2 / total);
  const middle = scale * (value + z2 / (2 * total));
  const reach = scale * Z95 * Math.sqrt((value * (1 - value)) / total + z2 / (4 * total * total));
  return {
    value,
    low: successes === 0 ? 0 : Math.max(0, middle - reach),
    high: successes === total ? 1 : Math.min(1, middle + reach),
  };
}

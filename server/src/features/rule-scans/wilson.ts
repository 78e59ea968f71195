/** 95 % on both sides. */
const Z = 1.959964;

/** The Wilson interval of a share: sound also for few trials and for shares near 0 and 1. Null without a trial. */
export function wilsonInterval(
  successes: number,
  trials: number,
): { share: number; low: number; high: number } | null {
  if (trials === 0) return null;
  const share = successes / trials;
  const square = Z * Z;
  const middle = (share + square / (2 * trials)) / (1 + square / trials);
  const spread = (share * (1 - share)) / trials + square / (4 * trials * trials);
  const half = (Z * Math.sqrt(spread)) / (1 + square / trials);
  return { share, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

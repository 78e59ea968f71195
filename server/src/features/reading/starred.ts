/**
 * What the run of stars round the unit `at` hides; undefined when there is none that hides anything. `shown` is `text`
 * with units starred one by one, so places in one are places in the other.
 */
export function starredAt(text: string, shown: string, at: number): string | undefined {
  if (shown[at] !== "*") return undefined;
  let [start, end] = [at, at + 1];
  while (shown[start - 1] === "*") start -= 1;
  while (shown[end] === "*") end += 1;
  const hidden = text.slice(start, end);
  // Stars that somebody typed hide nothing.
  return hidden === shown.slice(start, end) ? undefined : hidden;
}

/** Standard alphabet in whole groups of four, padding only at the end; Node's decoder skips anything else silently. */
export function isBase64(text: string): boolean {
  return text !== "" && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}

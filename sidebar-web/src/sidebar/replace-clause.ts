/** Puts a better wording in the place of the part of a sentence where a word was found. Pure. */

const stops = /[，,。！!？?；;、\n]/u;

function clauseStart(text: string, from: number): number {
  let at = from;
  while (at > 0 && !stops.test(text.charAt(at - 1))) at--;
  return at;
}

function clauseEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && !stops.test(text.charAt(at))) at++;
  return at;
}

/**
 * The text with the clause around [start, end) replaced by `wording`; the text's own punctuation
 * after the clause stays, so the wording's last mark goes.
 */
export function replaceClause(
  text: string,
  { start, end }: { start: number; end: number },
  wording: string,
): string {
  const after = text.slice(clauseEnd(text, end));
  const fitting = after === "" ? wording : wording.replace(/[，,。！!？?；;]+$/u, "");
  return text.slice(0, clauseStart(text, start)) + fitting + after;
}

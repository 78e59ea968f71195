import type { KeyedHash } from "../../../platform/vault/keyed-hash.ts";

/**
 * A message is found by the pairs of neighbouring UTF-16 units in its text, each hashed with a key of the month. A
 * search compares unit by unit and folds nothing, so neither do the pairs: whatever contains a text of two units or
 * more has all of that text's pairs.
 */
export function tokensOfText(hash: KeyedHash, text: string): Uint32Array {
  return hash.hashPairs(text);
}

/** Under it a message is found by where it was said. */
export function conversationToken(hash: KeyedHash, conversationId: string): number {
  return hash.hash(conversationId);
}

/** In any order; one may stand there twice. */
export function tokensOfMessage(
  hash: KeyedHash,
  { text, conversationId }: { text: string; conversationId: string },
): Uint32Array {
  const pairs = tokensOfText(hash, text);
  const tokens = new Uint32Array(pairs.length + 1);
  tokens.set(pairs);
  tokens[pairs.length] = conversationToken(hash, conversationId);
  return tokens;
}

/**
 * What WeCom's own interception of chat words (聊天敏感词, document 95130) can say: plain words, three kinds of
 * content, warn or block, for members and departments. It acts in WeCom's input box, before a message is sent.
 */

export const nativeLimits = {
  /** Rules of the whole corp, those made in WeCom's admin console included. */
  rules: 100,
  words: 300,
  /** UTF-16 units. */
  wordUnits: 32,
  nameUnits: 20,
  /** Members, and as many departments, of one rule. */
  range: 1000,
} as const;

export const nativeSemantics = ["phone", "email", "red_packet"] as const;
export type NativeSemantics = (typeof nativeSemantics)[number];

export const nativeActions = ["block", "warn"] as const;
export type NativeAction = (typeof nativeActions)[number];

export interface NativeRange {
  readonly memberIds: readonly string[];
  readonly departmentIds: readonly number[];
}

/** What a rule says of being handed to WeCom. */
export interface NativeSetting extends NativeRange {
  /** Words of a confidential rule may be told to WeCom: its console shows them, its warnings betray them. */
  readonly tellsConfidential: boolean;
}

/** What is sent to WeCom for a rule, or for one part of a rule with many words. */
export interface NativeRule {
  /** `<rule's id>#<part>`; stays the same while the rule lives. */
  readonly key: string;
  readonly ruleId: string;
  /** 1 to 20 units, unique in the corp. */
  readonly name: string;
  /** Never empty: WeCom takes no rule without words. */
  readonly words: readonly string[];
  readonly semantics: readonly NativeSemantics[];
  readonly action: NativeAction;
  /** Nobody named: everybody who can see the app. */
  readonly range: NativeRange;
}

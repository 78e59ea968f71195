/** What comes with a text that is scanned. */
import type { MessageFacts } from "./facts.ts";
import type { MessageSpeaker } from "./rule.ts";
import type { Sibling } from "./window.ts";

export interface ScanOptions {
  readonly speaker: MessageSpeaker;
  /** What is known of the message beside its text. */
  readonly facts?: MessageFacts | undefined;
  readonly sentAtMs?: number | undefined;
  /** Other messages of the speaker in the conversation, by the time of sending. */
  readonly before?: readonly Sibling[] | undefined;
  readonly after?: readonly Sibling[] | undefined;
}

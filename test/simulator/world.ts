import type { Archive } from "./archive.ts";
import type { ArchiveKeys } from "./archive-keys.ts";
import type { CallbackSender } from "./callbacks.ts";
import type { Chat } from "./chat.ts";
import type { ClientEvents } from "./client-events.ts";
import type { Conversations } from "./conversations.ts";
import type { Corp } from "./corp.ts";
import type { Directory } from "./directory.ts";
import type { FaultBox } from "./faults.ts";
import type { CallLimits } from "./limits.ts";
import type { MediaStore } from "./media.ts";
import type { OAuthCodes } from "./oauth-codes.ts";
import type { Phone } from "./phone.ts";
import type { Store } from "./store.ts";
import type { Tokens } from "./tokens.ts";

/** Everything that one running twin consists of; made once by `startTwin` and handed to every front. */
export interface World {
  readonly store: Store;
  readonly corp: Corp;
  readonly directory: Directory;
  readonly conversations: Conversations;
  readonly chat: Chat;
  readonly archive: Archive;
  readonly keys: ArchiveKeys;
  readonly media: MediaStore;
  readonly tokens: Tokens;
  readonly oauth: OAuthCodes;
  readonly phone: Phone;
  readonly callbacks: CallbackSender;
  readonly clientEvents: ClientEvents;
  readonly faults: FaultBox;
  readonly limits: CallLimits;
  readonly adminIds: readonly string[];
  /** The product's trusted domain: the only place that codes are sent to. Without a trailing slash. */
  publicUrl: () => string;
  /** The twin's own address. */
  url: () => string;
  now: () => number;
}

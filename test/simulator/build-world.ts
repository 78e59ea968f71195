import { openArchive } from "./archive.ts";
import { openArchiveKeys } from "./archive-keys.ts";
import type { ArchiveNotifier } from "./archive-notifier.ts";
import { publishedLimits } from "./api/registry.ts";
import { createCallbackSender } from "./callbacks.ts";
import { openChat, type ChatListener } from "./chat.ts";
import { createClientEvents } from "./client-events.ts";
import { viewMessage } from "./client-views.ts";
import { openConversations } from "./conversations.ts";
import { openCorp } from "./corp.ts";
import { openDirectory } from "./directory.ts";
import { createFaultBox } from "./faults.ts";
import { writeHistory } from "./history.ts";
import { createCallLimits } from "./limits.ts";
import { openMediaStore } from "./media.ts";
import { openOAuthCodes } from "./oauth-codes.ts";
import { openPhone } from "./phone.ts";
import type { Store } from "./store.ts";
import { openTokens } from "./tokens.ts";
import type { TwinSettings } from "./twin-options.ts";
import type { World } from "./world.ts";

/** What is known only after the world stands: the addresses and who is told of new archive items. */
export interface Surroundings {
  url: () => string;
  publicUrl: () => string;
  notifier: ArchiveNotifier;
}

/** Wires the twin together over its data file; on an empty one the company moves in with its past. */
export function buildWorld(store: Store, settings: TwinSettings, around: Surroundings): World {
  const now = settings.nowMs;
  const corp = openCorp(store);
  const keys = openArchiveKeys(store, settings.archiveKeysDir);
  const tokens = openTokens(store, corp, now);
  const faults = createFaultBox(() => tokens.expireAll());
  const callbacks = createCallbackSender({
    corp,
    paths: settings.callbackPaths,
    faults: () => faults.current(),
    now,
    retryDelayMs: settings.callbackRetryDelayMs,
    deadlineMs: settings.callbackDeadlineMs,
  });
  const clientEvents = createClientEvents();
  const phone = openPhone(
    store,
    {
      onItem: (memberId, item) => clientEvents.emit([memberId], "card", item),
      onItemUpdated: (memberId, item) => clientEvents.emit([memberId], "card-updated", item),
    },
    now,
  );
  const archive = openArchive(store, keys);
  const media = openMediaStore(store);

  const found = store.transaction((): World => {
    const { directory, isNew } = openDirectory(store, settings.company, now());
    const conversations = openConversations(store, directory);
    const listener: ChatListener = {
      onMessage(conversation, row) {
        const { memberIds } = conversations.parties(conversation);
        const message = viewMessage({ directory }, row);
        clientEvents.emit(memberIds, "message", { conversationId: conversation.id, message });
      },
      onRecall(conversation, { id }) {
        const { memberIds } = conversations.parties(conversation);
        const event = { conversationId: conversation.id, messageId: id };
        clientEvents.emit(memberIds, "recall", event);
      },
      onArchived: () => around.notifier.onArchived(),
    };
    const isArchiveCorrupt = () => faults.current().corruptArchive;
    const chatDeps = { store, directory, conversations, archive, media, listener, now };
    const chat = openChat({ ...chatDeps, isArchiveCorrupt });
    if (isNew) {
      writeHistory({ store, chat, conversations }, settings.company, now(), settings.onProgress);
    }
    return {
      store,
      corp,
      directory,
      conversations,
      chat,
      archive,
      keys,
      media,
      tokens,
      oauth: openOAuthCodes(store, now),
      phone,
      callbacks,
      clientEvents,
      faults,
      limits: createCallLimits(publishedLimits, now),
      adminIds: settings.adminIds,
      url: around.url,
      publicUrl: around.publicUrl,
      now,
    };
  });
  return found();
}

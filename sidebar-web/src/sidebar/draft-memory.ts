/** Keeps the draft of a chat over a reload of the page (WeCom reloads it when the chat changes). */

export interface DraftMemory {
  read: () => string;
  write: (text: string) => void;
}

/** Session storage ends with the web view, so that customers' matters do not stay on the device. */
export function createDraftMemory(storage: Storage, chatId: string): DraftMemory {
  const key = `draft:${chatId}`;
  return {
    read: () => storage.getItem(key) ?? "",
    write: (text) => {
      if (text === "") storage.removeItem(key);
      else storage.setItem(key, text);
    },
  };
}

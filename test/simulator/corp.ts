import { randomBytes, randomInt } from "node:crypto";
import { findSetting, saveSetting, type Store } from "./store.ts";

/** Which of the product's three callback addresses an event goes to. */
export const receivers = ["app", "archive", "contacts"] as const;
export type Receiver = (typeof receivers)[number];

/** Whose secret an access token was fetched with. */
export type SecretKind = Receiver;

export interface ReceiverKeys {
  token: string;
  encodingAesKey: string;
}

/** What the corp's admin console would show: ids, secrets and callback keys, made up at the first start. */
export interface Corp {
  corpId: string;
  agentId: number;
  appName: string;
  /** AgentID in the events of the archive's receiver; 0 elsewhere means that there is none. */
  archiveAgentId: number;
  secrets: Record<SecretKind, string>;
  receiverKeys: Record<Receiver, ReceiverKeys>;
}

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** The last character of 32 bytes in base64 carries four bits only: its two low bits are zero. */
const LAST_OF_AES_KEY = "AEIMQUYcgkosw048";

/** Loads the corp of a data file, or makes one up. */
export function openCorp(store: Store): Corp {
  const saved = findSetting(store, "corp");
  if (saved !== undefined) return JSON.parse(saved) as Corp;
  const corp: Corp = {
    corpId: `ww${randomBytes(8).toString("hex")}`,
    agentId: 1_000_002,
    appName: "销售合规助手",
    archiveAgentId: 2_000_004,
    secrets: { app: randomText(43), archive: randomText(43), contacts: randomText(43) },
    receiverKeys: {
      app: createReceiverKeys(),
      archive: createReceiverKeys(),
      contacts: createReceiverKeys(),
    },
  };
  saveSetting(store, "corp", JSON.stringify(corp));
  return corp;
}

function createReceiverKeys(): ReceiverKeys {
  return {
    token: randomText(24),
    encodingAesKey: randomText(42) + randomText(1, LAST_OF_AES_KEY),
  };
}

/** A random text of letters and digits. */
export function randomText(length: number, alphabet = ALPHANUMERIC): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}

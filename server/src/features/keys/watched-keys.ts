import type { CallbackReceiver, WecomConfig } from "../../config.ts";
import { fingerprint } from "../../platform/ledger/ledger.ts";
import type { Secret } from "../../platform/secret.ts";
import { listArchiveKeys } from "../../wecom/archive-keys.ts";
import type { WatchedKey } from "./keys.service.ts";

/** What of the settings can grow old: the archive's key pairs, the callbacks' keys, the secrets of WeCom's interfaces. */
export function watchedKeys(wecom: WecomConfig): WatchedKey[] {
  const pairs = listArchiveKeys(wecom.archiveKeysDir);
  const newest = Math.max(0, ...pairs.map(({ version }) => version));
  const archive = pairs.map(({ version, publicKey }): WatchedKey => {
    const state = version === newest ? "current" : "retiring";
    return {
      id: `archive:${version}`,
      kind: "archive",
      fingerprint: fingerprint(publicKey),
      state,
    };
  });
  const callbacks = Object.entries(wecom.receivers).map(([receiver, { token, encodingAesKey }]) =>
    secretOf(`callback:${receiver as CallbackReceiver}`, "callback", [token, encodingAesKey]),
  );
  const secrets: [string, Secret | null][] = [
    ["app", wecom.appSecret],
    ["archive", wecom.archiveSecret],
    ["contacts", wecom.contactsSecret],
  ];
  return [
    ...archive.reverse(),
    ...callbacks,
    ...secrets.flatMap(([name, secret]) =>
      secret ? [secretOf(`secret:${name}`, "secret", [secret])] : [],
    ),
  ];
}

function secretOf(id: string, kind: WatchedKey["kind"], parts: readonly Secret[]): WatchedKey {
  const text = parts.map((part) => part.reveal()).join("\n");
  return { id, kind, fingerprint: fingerprint(text), state: null };
}

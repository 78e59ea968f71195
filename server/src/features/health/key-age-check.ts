import { KEY_MAX_AGE_DAYS } from "#shared/contract/keys";
import type { Keys } from "../keys/keys.service.ts";
import { attention, ok } from "./health-line.ts";
import type { HealthCheck } from "./health-line.ts";

/** Keys that have been in use for more than a year. */
export function keyAgeCheck(keys: Pick<Keys, "view">): HealthCheck {
  return {
    id: "key_age",
    title: "密钥更换",
    async look() {
      const old = (await keys.view()).keys.filter(({ isOld }) => isOld);
      return old.length === 0
        ? ok(`都在 ${KEY_MAX_AGE_DAYS} 天以内换过。`)
        : attention(
            `${old.length} 个密钥用了超过 ${KEY_MAX_AGE_DAYS} 天。`,
            "打开“密钥”页面，看是哪几个，按那里的步骤更换。",
          );
    },
  };
}

import { advertisingRules } from "./starter/advertising.ts";
import { conductRules } from "./starter/conduct.ts";
import { dealingRules } from "./starter/dealing.ts";
import { financeRules } from "./starter/finance.ts";
import { protectionRules } from "./starter/protection.ts";
import type { StarterRule } from "./starter/starter-rule.ts";

/**
 * The rules that a fresh company begins with, one a category; an admin changes them at will. They aim at
 * few, true alerts: words with many innocent uses (最好, 唯一, 首选) stand only inside longer phrases.
 */
export const starterRules: readonly StarterRule[] = [
  ...financeRules,
  ...dealingRules,
  ...conductRules,
  ...advertisingRules,
  ...protectionRules,
];

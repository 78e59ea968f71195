import { createHash } from "node:crypto";
import { sidebarRule } from "#shared/contract/sidebar";
import { publicRules, serializeRules } from "#shared/rules/compile";
import type { Rule } from "#shared/rules/rule";
import { sounds } from "#shared/rules/sound-table";

/** The rules of one version as a salesperson's browser loads them: compiled, without the confidential ones. */
export interface DraftFile {
  /** Says version and content, so that what it names never changes. */
  name: string;
  bytes: Buffer;
}

const digestLength = 16;

export function buildDraftFile(version: number, rules: readonly Rule[]): DraftFile {
  // The contract names what may leave the server; everything else of a rule is dropped.
  const open = publicRules(rules).map((rule) => sidebarRule.parse(rule));
  const bytes = Buffer.from(serializeRules(open, { sounds }));
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, digestLength);
  return { name: `${version}-${digest}`, bytes };
}

import { sidebarRule } from "#shared/contract/sidebar";
import { publicRules, serializeRules } from "#shared/rules/compile";
import { checksumOf, packedVersion } from "#shared/rules/packed";
import type { Rule } from "#shared/rules/rule";
import { sounds } from "#shared/rules/sound-table";

/** The rules of one version as a salesperson's browser loads them: compiled, without the confidential ones. */
export interface DraftFile {
  /** Says version, format and content, so that what it names never changes. */
  name: string;
  bytes: Buffer;
}

export function buildDraftFile(version: number, rules: readonly Rule[]): DraftFile {
  // The contract names what may leave the server; everything else of a rule is dropped.
  const open = publicRules(rules).map((rule) => sidebarRule.parse(rule));
  const buffer = serializeRules(open, { sounds });
  const sum = checksumOf(buffer).toString(16).padStart(8, "0");
  return { name: `${version}-${packedVersion}-${sum}`, bytes: Buffer.from(buffer) };
}

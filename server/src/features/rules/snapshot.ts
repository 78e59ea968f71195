import { isDeepStrictEqual } from "node:util";
import type { RuleChangeKind, RuleDraft } from "#shared/contract/rule";
import { canonicalJson } from "../../platform/ledger/canonical-json.ts";
import { fingerprint } from "../../platform/ledger/ledger.ts";

/** A rule of a set: in which wording, and whether it is looked for. */
export interface SnapshotItem {
  ruleId: string;
  revision: number;
  isEnabled: boolean;
}

/** A set of rules, ordered by id, so that the same set is always the same text. Pure. */
export type Snapshot = readonly SnapshotItem[];

export interface SnapshotChange {
  ruleId: string;
  kind: RuleChangeKind;
  before: SnapshotItem | null;
  after: SnapshotItem | null;
}

export function toSnapshot(items: Iterable<SnapshotItem>): Snapshot {
  return [...items]
    .map(({ ruleId, revision, isEnabled }) => ({ ruleId, revision, isEnabled }))
    .sort((a, b) => (a.ruleId < b.ruleId ? -1 : 1));
}

export function hashOf(snapshot: Snapshot): string {
  return fingerprint(canonicalJson(snapshot.map((item) => ({ ...item }))));
}

/** What one has to do to `before` to get `after`. */
export function compareSnapshots(before: Snapshot, after: Snapshot): SnapshotChange[] {
  const was = new Map(before.map((item) => [item.ruleId, item]));
  const is = new Map(after.map((item) => [item.ruleId, item]));
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((ruleId) => {
    const pair = { before: was.get(ruleId) ?? null, after: is.get(ruleId) ?? null };
    const kind = kindOf(pair);
    return kind ? [{ ruleId, kind, ...pair }] : [];
  });
}

function kindOf({
  before,
  after,
}: Pick<SnapshotChange, "before" | "after">): RuleChangeKind | null {
  if (!before) return after ? "new" : null;
  if (!after) return "removed";
  if (before.revision !== after.revision) return "changed";
  return before.isEnabled === after.isEnabled ? null : "switched";
}

/** Two wordings that say the same; what was read from the database lacks fields that are undefined here. */
export function isSameWording(a: RuleDraft, b: RuleDraft): boolean {
  const plain = (one: RuleDraft): unknown => JSON.parse(JSON.stringify(one));
  return isDeepStrictEqual(plain(a), plain(b));
}

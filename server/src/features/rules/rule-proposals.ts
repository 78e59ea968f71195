import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { RuleChanges, Restored } from "#shared/contract/rule-set";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import type { Approvals } from "../approvals/approvals.service.ts";
import type { RuleDrafts } from "./rule-draft.service.ts";
import type { PublishedSet, RuleSet, RuleVersions } from "./rule-versions.ts";

/** How a draft comes into force: one person asks, a second one who sees all of it says yes. */
export interface RuleProposals {
  /** `hash` is what the person has seen; a draft that is another by now is `edited_meanwhile`. */
  propose(hash: string, reason: string, by: string): Promise<void>;
  /**
   * Brings an earlier version back. The one right before the present one at once: two people have agreed to it not
   * long ago, and a bad rule must be stoppable by whoever sees it. An older one may have been left for a reason, so
   * that needs a second person, too.
   */
  restore(number: number, reason: string, by: string): Promise<Restored>;
  /** What publishing a set would change, for the second person. */
  review(hash: string, base: number): Promise<RuleChanges>;
}

interface Deps {
  database: Database;
  approvals: Pick<Approvals, "register" | "request">;
  drafts: Pick<RuleDrafts, "freeze">;
  versions: RuleVersions;
  /** With the transaction: others hear of what one person did alone. */
  onRestored: (tx: EntityManager, number: number) => Promise<void>;
}

const KIND = "rules.publish";
const VALID_MS = 7 * 24 * 3600_000;

const payload = z.object({
  hash: z.string(),
  /** The version that it is to follow. */
  base: z.number().int(),
  restores: z.number().int().nullable(),
});
type Proposal = z.infer<typeof payload>;

export function createRuleProposals(deps: Deps): RuleProposals {
  const { database, approvals, drafts, versions } = deps;

  approvals.register({
    kind: KIND,
    permission: "rule.publish",
    payload,
    validMs: VALID_MS,
    async describe({ payload: proposal }) {
      const path = `/admin/proposals/${proposal.base}/${proposal.hash}`;
      return { title: await titleOf(proposal), path };
    },
    async onApproved(tx, { payload: { hash, base, restores }, requestedBy, decidedBy }) {
      const set = await versions.find(hash, tx);
      const kind = restores === null ? ("published" as const) : ("restored" as const);
      const version = { kind, requestedBy, publishedBy: decidedBy, restores };
      await versions.publish(tx, set, version, base);
    },
  });

  async function titleOf({ hash, base, restores }: Proposal): Promise<string> {
    if (restores !== null) return `把规则恢复到第 ${restores} 版`;
    const { changes } = await review(hash, base);
    const count = (...kinds: string[]) => changes.filter(({ kind }) => kinds.includes(kind)).length;
    const parts = [
      [count("new"), "新增"],
      [count("changed"), "改动"],
      [count("switched"), "启停"],
      [count("removed"), "删除"],
    ] as const;
    const said = parts.filter(([n]) => n > 0).map(([n, what]) => `${what} ${n} 条`);
    return `发布规则：${said.join("、")}`;
  }

  async function review(hash: string, base: number): Promise<RuleChanges> {
    const [before, after] = await Promise.all([versions.get(base), versions.find(hash)]);
    return { version: base, hash, changes: versions.describeChanges(before, after) };
  }

  async function request(
    tx: EntityManager,
    set: RuleSet,
    about: { base: PublishedSet; restores: number | null; reason: string; by: string },
  ): Promise<void> {
    const { base, restores, reason, by } = about;
    if (set.hash === base.hash) {
      throw new AppError("invalid_request", { reason: "和生效中的版本没有差别，不用发布" });
    }
    const proposal: Proposal = { hash: set.hash, base: base.version, restores };
    const objectId = `rules:${set.hash}`;
    await approvals.request(tx, {
      kind: KIND,
      objectId,
      payload: proposal,
      reason,
      requestedBy: by,
    });
  }

  return {
    review,

    async propose(hash, reason, by) {
      await database.write(async (tx) => {
        const set = await drafts.freeze(tx);
        if (set.hash !== hash) throw new AppError("edited_meanwhile");
        const base = await versions.current(tx);
        await request(tx, set, { base, restores: null, reason, by });
      });
    },

    async restore(number, reason, by) {
      const set = await versions.get(number);
      return await database.write(async (tx) => {
        const base = await versions.current(tx);
        const last = await versions.before(base.version);
        if (last.version !== number) {
          await request(tx, set, { base, restores: number, reason, by });
          return { version: null };
        }
        const version = { kind: "restored" as const, requestedBy: by, publishedBy: by };
        const restored = { ...version, restores: number };
        const published = await versions.publish(tx, set, restored, base.version);
        await deps.onRestored(tx, published);
        return { version: published };
      });
    },
  };
}

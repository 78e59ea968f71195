import type {
  PolicyRequest,
  PolicyVersion,
  RetentionDays,
  RetentionView,
} from "#shared/contract/retention";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { insertNew } from "../../platform/database/insert-new.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { Place, Vault } from "../../platform/vault/vault.ts";
import type { Members } from "../members/members.service.ts";
import { classes, defaultDays, findWrongDays } from "./classes.ts";
import { PolicyRow } from "./retention.entity.ts";
import { nextRunAfter } from "./night.ts";

/** How long what is kept, in versions; each takes effect with the next nightly run. */
export interface RetentionPolicy {
  /** Version 0 are the defaults. */
  current(): Promise<{ version: number; days: RetentionDays }>;
  daysOf(version: number): Promise<RetentionDays>;
  view(): Promise<RetentionView>;
  /** Throws `edited_meanwhile` when somebody was faster, `invalid_request` for days that are not allowed. */
  change(request: PolicyRequest, memberId: string): Promise<RetentionView>;
}

interface Deps {
  database: Database;
  vault: Vault;
  clock: Clock;
  members: Pick<Members, "namesOf">;
}

const LISTED = 20;
const SUBJECT = "corp";

const placeOf = (version: number): Place => ({
  table: "retention_policy",
  column: "reason",
  rowId: String(version),
});

export function createRetentionPolicy({ database, vault, clock, members }: Deps): RetentionPolicy {
  const listRows = (): Promise<PolicyRow[]> =>
    database.read.find(PolicyRow, { order: { version: "DESC" }, take: LISTED });

  async function present(rows: readonly PolicyRow[]): Promise<PolicyVersion[]> {
    const names = await members.namesOf(rows.map(({ changedBy }) => changedBy));
    return await Promise.all(
      rows.map(async ({ version, days, reason, changedBy, changedAtMs }) => ({
        version,
        days: allDays({ days }),
        reason: await vault.openText(placeOf(version), reason),
        changedBy: names.get(changedBy) ?? changedBy,
        changedAtMs,
      })),
    );
  }

  const policy: RetentionPolicy = {
    async current() {
      const [newest] = await listRows();
      return { version: newest?.version ?? 0, days: allDays(newest) };
    },

    async daysOf(version) {
      const row = await database.read.findOneBy(PolicyRow, { version });
      return allDays(row);
    },

    async view() {
      const rows = await listRows();
      const days = allDays(rows[0]);
      return {
        version: rows[0]?.version ?? 0,
        classes: classes.map((one) => ({ ...one, days: days[one.id] })),
        history: await present(rows),
        nextRunAtMs: nextRunAfter(clock.now()),
      };
    },

    async change({ version, days, reason }, memberId) {
      const wrong = findWrongDays(days);
      if (Object.keys(wrong).length > 0) throw new AppError("invalid_request", wrong);
      await database.write(async (tx) => {
        const newest = (await tx.maximum(PolicyRow, "version")) ?? 0;
        if (newest !== version) throw new AppError("edited_meanwhile");
        const next = version + 1;
        const sealer = await vault.sealerFor(tx, [SUBJECT]);
        const sealed = sealer.seal(SUBJECT, placeOf(next), reason);
        await insertNew(tx, "retention_policy", "version", [
          {
            version: next,
            days: JSON.stringify(days),
            reason: sealed,
            changed_by: memberId,
            changed_at_ms: clock.now(),
          },
        ]);
        // Of two at the same moment the key lets one in.
        const row = await tx.findOneByOrFail(PolicyRow, { version: next });
        if (!row.reason.equals(sealed)) throw new AppError("edited_meanwhile");
        recordEntry(tx, {
          kind: "retention.changed",
          actorId: memberId,
          objectId: String(next),
          atMs: clock.now(),
          details: { ...days },
        });
      });
      return await policy.view();
    },
  };
  return policy;
}

/** A class that came later than the version has its default. */
function allDays(row: Pick<PolicyRow, "days"> | null | undefined): RetentionDays {
  return { ...defaultDays, ...row?.days };
}

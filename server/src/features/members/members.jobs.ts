import { z } from "zod";
import type { Database } from "../../platform/database/database.ts";
import type { Effect, Jobs } from "../../platform/jobs/jobs.ts";
import type { CallbackEvent } from "../../wecom/callback-event.ts";
import { MEMBERS_SYNC } from "./members.service.ts";
import type { Members } from "./members.service.ts";

type EventOf<K extends CallbackEvent["kind"]> = Extract<CallbackEvent, { kind: K }>;

/** A directory older than this at start is read anew at once. */
const STALE_MS = 3600_000;

export interface MemberJobsDeps {
  database: Database;
  jobs: Jobs;
  members: Members;
}

/** The sync and its hourly run. */
export function registerMemberJobs({ jobs, members }: Omit<MemberJobsDeps, "database">): void {
  jobs.register({ kind: MEMBERS_SYNC, payload: z.object({}), run: () => members.sync() });
  jobs.schedule(MEMBERS_SYNC, "0 20 * * * *");
}

/** For a start: a directory that is empty or old is read anew. */
export async function syncStaleDirectory(deps: MemberJobsDeps): Promise<void> {
  const { database, jobs, members } = deps;
  const syncedAtMs = await members.lastSyncedAtMs();
  const nowMs = await database.nowMs();
  if (syncedAtMs !== null && nowMs - syncedAtMs < STALE_MS) return;
  // Several processes that start together share one; a start after a failed one asks again.
  const dedupe = `${MEMBERS_SYNC}@start:${Math.floor(nowMs / 10_000)}`;
  await database.write((tx) => jobs.enqueue(tx, MEMBERS_SYNC, {}, { dedupe }));
}

/** What the directory does when WeCom tells of a change. */
export function memberCallbacks(members: Members): {
  member_changed: (event: EventOf<"member_changed">) => Promise<Effect>;
  department_changed: (event: EventOf<"department_changed">) => Promise<Effect>;
} {
  return {
    member_changed: (event) =>
      Promise.resolve(async (tx) => {
        // Access ends with the event; an id that was changed is somebody else's from now on.
        const isGone = event.change === "deleted" || event.newMemberId !== null;
        if (isGone) await members.deactivate(tx, event.memberId);
        await members.requestSync(tx);
      }),
    department_changed: () => Promise.resolve((tx) => members.requestSync(tx)),
  };
}

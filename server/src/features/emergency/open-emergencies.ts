import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { Emergency } from "./emergency.entity.ts";

export type OpenEmergency = Emergency & { openedAtMs: number; endsAtMs: number };

/** The one that is open for this member now. It is over by the clock, whether anybody has noticed or not. */
export async function findOpenEmergency(
  { database, clock }: { database: Database; clock: Clock },
  memberId: string,
): Promise<OpenEmergency | undefined> {
  const rows = await database.read.findBy(Emergency, { requestedBy: memberId, state: "open" });
  return rows.find((row): row is OpenEmergency => isOpen(row, clock.now()));
}

export function isOpen({ state, openedAtMs, endsAtMs }: Emergency, nowMs: number): boolean {
  return state === "open" && openedAtMs !== null && endsAtMs !== null && nowMs < endsAtMs;
}

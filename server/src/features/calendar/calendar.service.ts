import type { CalendarChange, CalendarView } from "#shared/contract/calendar";
import { defaultPlan, openCalendar, yearAt } from "#shared/working-calendar";
import type { WorkingCalendar } from "#shared/working-calendar";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { insertAll, isRepeat } from "../../platform/database/insert-new.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { fingerprint, recordEntry } from "../../platform/ledger/ledger.ts";
import type { Members } from "../members/members.service.ts";
import { CalendarRow } from "./calendar.entity.ts";

/** When the company works. */
export interface Calendar {
  /** As it is now: asked anew each time, so that a change works on the next message in every process. */
  readonly current: () => Promise<WorkingCalendar>;
  view(): Promise<CalendarView>;
  /** Throws `edited_meanwhile` when somebody was faster. */
  change(change: CalendarChange, memberId: string): Promise<CalendarView>;
}

interface Deps {
  database: Database;
  clock: Clock;
  members: Pick<Members, "namesOf">;
}

const LISTED = 20;
/** The State Council's notice comes in November; in December the next year should be known. */
const NOTICE_AHEAD_MS = 31 * 24 * 3600_000;

export function createCalendar({ database, clock, members }: Deps): Calendar {
  let opened: { version: number; calendar: WorkingCalendar } | undefined;

  async function newest(): Promise<Pick<CalendarRow, "version" | "plan">> {
    const [row] = await database.read.find(CalendarRow, { order: { version: "DESC" }, take: 1 });
    return row ?? { version: 0, plan: defaultPlan };
  }

  const calendar: Calendar = {
    async current() {
      const version = (await database.read.maximum(CalendarRow, "version")) ?? 0;
      if (opened?.version !== version) {
        const row = await newest();
        opened = { version: row.version, calendar: openCalendar(row.plan) };
      }
      return opened.calendar;
    },

    async view() {
      const { version, plan } = await newest();
      const rows = await database.read.find(CalendarRow, {
        select: { version: true, changedBy: true, changedAtMs: true },
        order: { version: "DESC" },
        take: LISTED,
      });
      const names = await members.namesOf(rows.map(({ changedBy }) => changedBy));
      const needed = new Set([yearAt(clock.now()), yearAt(clock.now() + NOTICE_AHEAD_MS)]);
      return {
        version,
        plan: {
          hours: plan.hours,
          weekdays: [...plan.weekdays],
          years: Object.fromEntries(
            Object.entries(plan.years).map(([year, { off, on }]) => [
              year,
              { off: [...off], on: [...on] },
            ]),
          ),
        },
        missingYears: [...needed].filter((year) => plan.years[year] === undefined),
        history: rows.map(({ changedBy, ...row }) => ({
          ...row,
          changedBy: names.get(changedBy) ?? changedBy,
        })),
      };
    },

    async change({ version, plan }, memberId) {
      await database.write(async (tx) => {
        const known = (await tx.maximum(CalendarRow, "version")) ?? 0;
        if (known !== version) throw new AppError("edited_meanwhile");
        const next = version + 1;
        const text = JSON.stringify(plan);
        const row = { version: next, plan: text, changed_by: memberId };
        // Of two at the same moment the key lets one in.
        await insertAll(tx, "working_calendar", [{ ...row, changed_at_ms: clock.now() }]).catch(
          (error: unknown) => {
            throw isRepeat(error) ? new AppError("edited_meanwhile") : error;
          },
        );
        recordEntry(tx, {
          kind: "calendar.changed",
          actorId: memberId,
          objectId: `calendar@${next}`,
          atMs: clock.now(),
          details: { definition: fingerprint(text) },
        });
      });
      return await calendar.view();
    },
  };
  return calendar;
}

import { openCalendar } from "#shared/working-calendar";
import type { WorkingCalendar } from "#shared/working-calendar";

/** For tests that must say the same at any hour. */
export const alwaysWorking = (): Promise<WorkingCalendar> =>
  Promise.resolve(
    openCalendar({
      hours: { fromMinute: 0, toMinute: 24 * 60 },
      weekdays: [0, 1, 2, 3, 4, 5, 6],
      years: {},
    }),
  );

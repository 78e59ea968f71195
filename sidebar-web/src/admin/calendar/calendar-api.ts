/** What the page 工作日历 asks of the server. */
import type { CalendarChange, CalendarView } from "#shared/contract/calendar";
import { api } from "../../page-api.ts";

const path = "/api/admin/calendar";

export function getCalendar(): Promise<CalendarView> {
  return api.get(path);
}

export function changeCalendar(change: CalendarChange): Promise<CalendarView> {
  return api.put(path, change);
}

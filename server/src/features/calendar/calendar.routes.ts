import { calendarChange, calendarView } from "#shared/contract/calendar";
import type { ApiRoutes } from "../sign-in/actor.ts";
import type { Calendar } from "./calendar.service.ts";

/** 工作日历 in the console. */
export function addCalendarRoutes(routes: ApiRoutes, calendar: Calendar): void {
  const path = "/api/admin/calendar";
  routes.get(path, { allow: "rule.read", response: calendarView }, () => calendar.view());

  routes.put(
    path,
    { allow: "rule.write", body: calendarChange, response: calendarView },
    ({ body, actor }) => calendar.change(body, actor.memberId),
  );
}

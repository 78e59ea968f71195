import {
  BrowseIcon,
  BulletpointIcon,
  CalendarIcon,
  ChartBarIcon,
  ChartLineIcon,
  CheckRectangleIcon,
  SecuredIcon,
  FileZipIcon,
  HistoryIcon,
  KeyIcon,
  TaskCheckedIcon,
  RocketIcon,
  TimeIcon,
  UserCheckedIcon,
  UserSafetyIcon,
} from "tdesign-icons-vue-next";
import type { Component } from "vue";
import type { Permission } from "#shared/contract/access";
import { text } from "./messages.ts";

/** What may wait for somebody without any role of the console. */
export type Concern = "approvals" | "review";

/** A page of the console, as the navigation offers it to those who may open it. */
export interface ConsolePage {
  /** The route's name. */
  name: string;
  label: string;
  icon: Component;
  /** Any of these opens it. */
  permissions: readonly Permission[];
  /** Only for whom such things concern, whatever they are permitted. */
  isForConcerned?: Concern;
  /** Has a form for the phone, where its cards are opened. */
  fitsPhone?: true;
}

export const consolePages: readonly ConsolePage[] = [
  { name: "rules", label: text.nav.rules, icon: BulletpointIcon, permissions: ["rule.read"] },
  {
    name: "publishing",
    label: text.nav.publishing,
    icon: RocketIcon,
    permissions: ["rule.read"],
  },
  { name: "effects", label: text.nav.effects, icon: ChartBarIcon, permissions: ["rule.read"] },
  {
    name: "interception",
    label: text.nav.interception,
    icon: SecuredIcon,
    permissions: ["rule.read"],
  },
  { name: "calendar", label: text.nav.calendar, icon: CalendarIcon, permissions: ["rule.read"] },
  { name: "health", label: text.nav.health, icon: ChartLineIcon, permissions: ["health.read"] },
  {
    name: "reconciliation",
    label: text.nav.reconciliation,
    icon: CheckRectangleIcon,
    permissions: ["archive.operate"],
  },
  { name: "retention", label: text.nav.retention, icon: TimeIcon, permissions: ["retention.read"] },
  { name: "keys", label: text.nav.keys, icon: KeyIcon, permissions: ["key.read"] },
  { name: "access", label: text.nav.access, icon: UserSafetyIcon, permissions: ["access.read"] },
  {
    name: "review",
    label: text.nav.review,
    icon: UserCheckedIcon,
    permissions: ["own.use"],
    isForConcerned: "review",
    fitsPhone: true,
  },
  {
    name: "evidence",
    label: text.nav.evidence,
    icon: FileZipIcon,
    permissions: ["evidence.read"],
  },
  {
    name: "reading",
    label: text.nav.reading,
    icon: BrowseIcon,
    permissions: ["reading.approve", "emergency.open", "emergency.review", "audit.read"],
    fitsPhone: true,
  },
  { name: "audit", label: text.nav.audit, icon: HistoryIcon, permissions: ["audit.read"] },
  {
    name: "approvals",
    label: text.nav.approvals,
    icon: TaskCheckedIcon,
    permissions: ["own.use"],
    isForConcerned: "approvals",
    fitsPhone: true,
  },
];

export function pagesFor(
  permissions: readonly Permission[],
  concerns: ReadonlySet<Concern>,
): ConsolePage[] {
  return consolePages.filter(
    (page) =>
      page.permissions.some((one) => permissions.includes(one)) &&
      (!page.isForConcerned || concerns.has(page.isForConcerned)),
  );
}

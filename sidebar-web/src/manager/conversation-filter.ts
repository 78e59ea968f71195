/** The filter as it is typed, and what it means. Pure. */
import type {
  ConversationFilter,
  ConversationKind,
  MessageKind,
  ReadingScope,
} from "#shared/contract/reading";
import { text } from "./messages.ts";

/** Every field as its control holds it; "" is "all". */
export interface FilterForm {
  memberId: string;
  departmentId: string;
  kind: ConversationKind | "";
  messageKind: MessageKind | "";
  /** `yyyy-mm-dd`, both days included. */
  fromDay: string;
  toDay: string;
  hasHit: boolean;
  /** Chosen by a tap on somebody, not typed. */
  customer: { id: string; name: string } | null;
}

export function emptyFilter(): FilterForm {
  return {
    memberId: "",
    departmentId: "",
    kind: "",
    messageKind: "",
    fromDay: "",
    toDay: "",
    hasHit: false,
    customer: null,
  };
}

const dayMs = 24 * 60 * 60 * 1000;

/** When that day begins in Shanghai; undefined for an empty or half-typed day. Epoch ms. */
function startOfDay(day: string): number | undefined {
  const atMs = Date.parse(`${day}T00:00:00+08:00`);
  return Number.isNaN(atMs) ? undefined : atMs;
}

export function toFilter(form: FilterForm): ConversationFilter {
  const fromMs = startOfDay(form.fromDay);
  const lastDayMs = startOfDay(form.toDay);
  return {
    ...(form.memberId && { memberId: form.memberId }),
    ...(form.departmentId && { departmentId: Number(form.departmentId) }),
    ...(form.kind && { kind: form.kind }),
    ...(form.messageKind && { messageKind: form.messageKind }),
    ...(fromMs !== undefined && { fromMs }),
    ...(lastDayMs !== undefined && { toMs: lastDayMs + dayMs }),
    ...(form.hasHit && { hasHit: "yes" as const }),
    ...(form.customer && { customerId: form.customer.id }),
  };
}

/** What narrows the list, in a few words each; empty when nothing does. */
export function describeFilter(form: FilterForm, scope: ReadingScope | null): string[] {
  const { filter } = text.reading;
  const member = scope?.members.find(({ id }) => id === form.memberId)?.name ?? form.memberId;
  const department = scope?.departments.find(({ id }) => String(id) === form.departmentId);
  return [
    member,
    form.departmentId && (department?.name ?? form.departmentId),
    form.customer?.name ?? "",
    form.kind && text.reading.conversationKind[form.kind],
    form.messageKind && text.reading.messageKind[form.messageKind],
    (form.fromDay || form.toDay) && filter.days(form.fromDay, form.toDay),
    form.hasHit ? filter.hasHit : "",
  ].filter((words) => words !== "");
}

/** The calendar as it is edited: a copy of what is in force, saved as a whole. */
import type { CalendarView } from "#shared/contract/calendar";
import type { CalendarPlan, YearPlan } from "#shared/working-calendar";
import { MessagePlugin } from "tdesign-vue-next";
import { computed, ref, shallowRef, watch } from "vue";
import { asApiError } from "../../api.ts";
import { useResource } from "../use-resource.ts";
import { changeCalendar, getCalendar } from "./calendar-api.ts";
import { text } from "./messages.ts";

export function useCalendarForm() {
  const kept = useResource(getCalendar);
  const plan = shallowRef<CalendarPlan | null>(null);
  const isBusy = ref(false);
  const complaints = ref<string[]>([]);
  const isChanged = computed(
    () =>
      plan.value !== null &&
      JSON.stringify(plan.value) !== JSON.stringify(kept.value.value?.plan ?? null),
  );

  function take(view: CalendarView): void {
    kept.value.value = view;
    plan.value = view.plan;
    complaints.value = [];
  }
  watch(kept.value, (view) => {
    if (view && plan.value === null) take(view);
  });

  function change(over: Partial<CalendarPlan>): void {
    if (plan.value) plan.value = { ...plan.value, ...over };
  }

  /** Without a plan the year is not known any more. */
  function setYear(year: number, next: YearPlan | null): void {
    const years = Object.entries(plan.value?.years ?? {}).filter(([one]) => one !== String(year));
    if (next) years.push([String(year), next]);
    change({ years: Object.fromEntries(years) });
  }

  function discard(): void {
    if (kept.value.value) take(kept.value.value);
  }

  async function save(): Promise<void> {
    const view = kept.value.value;
    if (!view || !plan.value) return;
    isBusy.value = true;
    complaints.value = [];
    try {
      const { hours, weekdays, years } = plan.value;
      const copied = Object.entries(years).map(([year, { off, on }]) => [
        year,
        { off: [...off], on: [...on] },
      ]);
      const body = {
        hours,
        weekdays: [...weekdays],
        years: Object.fromEntries(copied) as CalendarView["plan"]["years"],
      };
      take(await changeCalendar({ version: view.version, plan: body }));
      void MessagePlugin.success(text.saved);
    } catch (thrown) {
      const { code, fields, message } = asApiError(thrown);
      if (code === "edited_meanwhile") {
        plan.value = null;
        await kept.load();
        complaints.value = [text.moved];
      } else complaints.value = Object.keys(fields).length > 0 ? Object.values(fields) : [message];
    } finally {
      isBusy.value = false;
    }
  }

  return { kept, plan, isBusy, complaints, isChanged, change, setYear, discard, save };
}

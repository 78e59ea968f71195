import type {
  PreviewView,
  RetentionClassId,
  RetentionDays,
  RetentionView,
} from "#shared/contract/retention";
import { MessagePlugin } from "tdesign-vue-next";
import { computed, ref, shallowRef, watch, type ShallowRef } from "vue";
import { asApiError } from "../../api.ts";
import { text } from "./messages.ts";
import { changePolicy, previewDays } from "./retention-api.ts";

/** New days that are being thought about: nothing is saved before its effect has been seen. */
export function usePolicyForm(view: ShallowRef<RetentionView | null>, reload: () => Promise<void>) {
  const days = ref<Partial<RetentionDays>>({});
  const preview = shallowRef<PreviewView | null>(null);
  const isBusy = ref(false);
  const fields = ref<Readonly<Record<string, string>>>({});

  const current = computed<RetentionDays | null>(() =>
    view.value
      ? (Object.fromEntries(view.value.classes.map((one) => [one.id, one.days])) as RetentionDays)
      : null,
  );
  const changed = computed<RetentionClassId[]>(
    () =>
      view.value?.classes
        .filter(({ id, days: now }) => (days.value[id] ?? now) !== now)
        .map(({ id }) => id) ?? [],
  );
  const wanted = computed<RetentionDays | null>(
    () => current.value && { ...current.value, ...days.value },
  );
  // Somebody else's change must not be undone by what was typed before it.
  watch(
    () => view.value?.version,
    () => discard(),
  );

  function discard(): void {
    days.value = {};
    fields.value = {};
    preview.value = null;
  }

  async function attempt(work: () => Promise<void>): Promise<void> {
    isBusy.value = true;
    fields.value = {};
    try {
      await work();
    } catch (thrown) {
      const error = asApiError(thrown);
      fields.value = error.fields;
      if (error.code === "edited_meanwhile") {
        await reload();
        void MessagePlugin.warning(text.policy.editedMeanwhile);
      } else if (Object.keys(error.fields).length === 0) void MessagePlugin.error(error.message);
    } finally {
      isBusy.value = false;
    }
  }

  return {
    days,
    preview,
    isBusy,
    fields,
    changed,
    discard,
    check: () =>
      attempt(async () => {
        if (wanted.value) preview.value = await previewDays(wanted.value);
      }),
    save: (reason: string) =>
      attempt(async () => {
        if (!wanted.value || !view.value) return;
        const { version } = view.value;
        view.value = await changePolicy({ version, days: wanted.value, reason });
        preview.value = null;
        void MessagePlugin.success(text.policy.saved);
      }),
  };
}

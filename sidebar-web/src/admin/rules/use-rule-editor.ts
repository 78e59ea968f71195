/** One rule being written: what differs from the saved one, saving it, and two people saving at once. */
import type { RuleView } from "#shared/contract/rule";
import { computed, reactive, ref, shallowRef } from "vue";
import { asApiError, type ApiError } from "../../api.ts";
import { createRule, updateRule } from "../admin-api.ts";
import {
  differingFields,
  draftOf,
  emptyForm,
  fieldErrorsOf,
  formOf,
  hasSameContent,
  type FormField,
  type RuleForm,
} from "./rule-form.ts";

export interface EditorDeps {
  /** The rules as they are now on the server, after a conflict. */
  reload: () => Promise<void>;
  find: (id: string) => RuleView | undefined;
  onSaved: (rule: RuleView, isNew: boolean) => void;
}

/** `start` is the saved rule, or `null` for a new one. */
export function useRuleEditor(start: RuleView | null, deps: EditorDeps) {
  const base = shallowRef(start);
  const form = ref<RuleForm>(start === null ? { ...emptyForm } : formOf(start));
  const isSaving = ref(false);
  const error = shallowRef<ApiError | null>(null);
  const errors = shallowRef<Partial<Record<FormField, string>>>({});
  /** The rule as somebody else saved it meanwhile. */
  const conflict = shallowRef<RuleView | null>(null);
  const savedForm = computed(() => (base.value === null ? emptyForm : formOf(base.value)));
  const isDirty = computed(() => differingFields(form.value, savedForm.value).length > 0);

  function clearComplaints(): void {
    error.value = null;
    errors.value = {};
    conflict.value = null;
  }

  function reset(rule: RuleView | null): void {
    base.value = rule;
    form.value = rule === null ? { ...emptyForm } : formOf(rule);
    clearComplaints();
  }

  /** The saved rule became known anew, e.g. by its switch; what is being written stays. */
  function rebase(rule: RuleView): void {
    if (base.value === null || conflict.value !== null) return;
    if (!isDirty.value) reset(rule);
    else if (hasSameContent(rule, base.value)) base.value = rule;
  }

  async function findConflict(id: string): Promise<void> {
    await deps.reload();
    conflict.value = deps.find(id) ?? null;
  }

  async function store(revision: number | null): Promise<void> {
    const draft = draftOf(form.value);
    const id = base.value?.id;
    const isNew = id === undefined || revision === null;
    const saved = await (isNew ? createRule(draft) : updateRule(id, revision, draft));
    reset(saved);
    deps.onSaved(saved, isNew);
  }

  async function save(revision: number | null = base.value?.revision ?? null): Promise<void> {
    if (isSaving.value) return;
    isSaving.value = true;
    clearComplaints();
    try {
      await store(revision);
    } catch (thrown) {
      error.value = asApiError(thrown);
      errors.value = fieldErrorsOf(error.value.fields);
      if (error.value.code === "edited_meanwhile" && base.value !== null) {
        await findConflict(base.value.id);
      }
    } finally {
      isSaving.value = false;
    }
  }

  /** My version over the one saved meanwhile. */
  async function overwrite(): Promise<void> {
    const theirs = conflict.value;
    if (theirs === null) return;
    base.value = theirs;
    await save(theirs.revision);
  }

  function takeTheirs(): void {
    if (conflict.value !== null) reset(conflict.value);
  }

  return reactive({
    base,
    form,
    isSaving,
    error,
    errors,
    conflict,
    isDirty,
    save: () => save(),
    discard: () => reset(base.value),
    overwrite,
    takeTheirs,
    rebase,
  });
}
export type RuleEditor = ReturnType<typeof useRuleEditor>;

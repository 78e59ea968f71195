/**
 * The draft box's logic: local findings with every keystroke, then, on the way out, one question when
 * something needs care and a second look by the server, which also knows the confidential rules.
 */
import type { FindingExplanation, FindingView } from "#shared/contract/rule";
import type { DraftCheckView } from "#shared/contract/sidebar";
import { worstLevel } from "#shared/rules/scan";
import { computed, reactive, ref, shallowRef, watch, type Ref } from "vue";
import { asApiError } from "../api.ts";
import { gravestFirst } from "../text-marks.ts";
import { text as words } from "./messages.ts";
import { replaceClause } from "./replace-clause.ts";
import { BridgeError } from "./wecom-bridge.ts";
import type { DraftMemory } from "./draft-memory.ts";
import type { DraftRules } from "./draft-rules.ts";

/** As many as the server takes. */
export const maxDraftLength = 4000;

export type DraftPhase = "editing" | "confirming" | "checking" | "sending";

export interface DraftDeps {
  rules: Ref<DraftRules | null>;
  check: (text: string) => Promise<DraftCheckView>;
  send: (text: string) => Promise<void>;
  onSent: () => void;
  /** Where the text outlives a reload of the page. */
  memory: DraftMemory;
}

export function useDraft(deps: DraftDeps) {
  const text = ref(deps.memory.read());
  const phase = ref<DraftPhase>("editing");
  const problem = ref<string | null>(null);
  const beforeReplace = ref<string | null>(null);
  const serverLook = shallowRef<{ text: string; findings: FindingView[] } | null>(null);
  /** Which rules the person saw and accepted for exactly this text. */
  const accepted = shallowRef<{ text: string; ruleIds: Set<string> } | null>(null);

  const findings = computed<FindingView[]>(() => {
    const look = serverLook.value;
    if (look?.text === text.value) return gravestFirst(look.findings);
    return deps.rules.value?.find(text.value) ?? [];
  });
  const level = computed(() => worstLevel(findings.value) ?? null);
  const isBusy = computed(() => phase.value === "checking" || phase.value === "sending");
  const isTooLong = computed(() => text.value.length > maxDraftLength);
  const canSend = computed(
    () =>
      text.value.trim() !== "" && !isBusy.value && !isTooLong.value && level.value !== "forbidden",
  );

  watch(text, (now) => {
    deps.memory.write(now);
    problem.value = null;
    if (phase.value === "confirming") phase.value = "editing";
  });

  function needsConfirmation(): boolean {
    const ask = findings.value.filter((finding) => finding.level === "caution");
    const seen = accepted.value?.text === text.value ? accepted.value.ruleIds : null;
    return ask.some((finding) => !seen?.has(finding.ruleId));
  }

  /** True when the draft may go out as far as the server is concerned. */
  async function lookAgain(draft: string): Promise<boolean> {
    phase.value = "checking";
    try {
      serverLook.value = { text: draft, findings: (await deps.check(draft)).findings };
    } catch (error) {
      problem.value = words.draft.checkFailed(asApiError(error).message);
      return false;
    }
    return level.value !== "forbidden";
  }

  async function deliver(draft: string): Promise<void> {
    phase.value = "sending";
    try {
      await deps.send(draft);
    } catch (error) {
      const isSlow = error instanceof BridgeError && error.problem === "timeout";
      problem.value = isSlow ? words.draft.sendSlow : words.draft.sendFailed;
      return;
    }
    text.value = "";
    beforeReplace.value = null;
    deps.onSent();
  }

  async function submit(): Promise<void> {
    if (!canSend.value) return;
    const draft = text.value;
    problem.value = null;
    if (needsConfirmation()) {
      phase.value = "confirming";
      return;
    }
    const isAllowed = await lookAgain(draft);
    if (isAllowed && needsConfirmation()) {
      phase.value = "confirming";
      return;
    }
    if (isAllowed) await deliver(draft);
    phase.value = "editing";
  }

  async function submitAnyway(): Promise<void> {
    const ruleIds = new Set(findings.value.map((finding) => finding.ruleId));
    accepted.value = { text: text.value, ruleIds };
    phase.value = "editing";
    await submit();
  }

  function edit(value: string): void {
    text.value = value;
    // What is written by hand from here on must not be lost by undoing an earlier replacement.
    beforeReplace.value = null;
  }

  function backToEdit(): void {
    phase.value = "editing";
  }

  function replace(finding: FindingView): void {
    const span = finding.spans[0];
    beforeReplace.value = text.value;
    text.value =
      span === undefined ? finding.suggestion : replaceClause(text.value, span, finding.suggestion);
  }

  function undoReplace(): void {
    if (beforeReplace.value !== null) text.value = beforeReplace.value;
    beforeReplace.value = null;
  }

  /** Adds a ready wording from elsewhere, below what is written already. */
  function insert(wording: string): void {
    text.value = text.value.trim() === "" ? wording : `${text.value.trimEnd()}\n${wording}`;
  }

  /** Of the text as it is; null for a rule that only the server knows. */
  function explain(ruleId: string): FindingExplanation | null {
    return deps.rules.value?.explain(text.value, ruleId) ?? null;
  }

  return reactive({
    text,
    phase,
    problem,
    findings,
    level,
    isBusy,
    isTooLong,
    canSend,
    hasReplaced: computed(() => beforeReplace.value !== null),
    submit,
    submitAnyway,
    backToEdit,
    replace,
    undoReplace,
    insert,
    edit,
    explain,
  });
}
export type Draft = ReturnType<typeof useDraft>;

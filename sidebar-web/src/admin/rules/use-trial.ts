/** The try box: what the rules say of a sentence, asked shortly after the last change. */
import type { TrialView, TrialRequest } from "#shared/contract/rule";
import { conditionLimits } from "#shared/rules/condition";
import type { Scene } from "#shared/rules/facts";
import { onScopeDispose, reactive, ref, shallowRef, watch } from "vue";
import { asApiError, type ApiError } from "../../api.ts";

const quietMs = 300;
/** As many as the widest window shows beside the last one. */
const mostBefore = conditionLimits.windowMessages - 1;

/** The rule being written and the saved one in whose place it is tried. */
export interface TrialDraft extends Pick<TrialRequest, "draft" | "replacesRuleId"> {
  isUnsaved: boolean;
}

export interface TrialDeps {
  ask: (request: TrialRequest) => Promise<TrialView>;
  draft: () => TrialDraft | null;
}

/** A saved rule is tried as it is published (and not at all while it is off), one being written as written. */
function partOfRequest(written: TrialDraft | null): Pick<TrialRequest, "draft" | "replacesRuleId"> {
  if (written?.isUnsaved !== true) return { draft: null, replacesRuleId: null };
  return { draft: written.draft, replacesRuleId: written.replacesRuleId };
}

export function useTrial({ ask, draft }: TrialDeps) {
  const sentence = ref("");
  const speaker = ref<TrialRequest["speaker"]>("member");
  const scene = ref<Scene>("single");
  /** Each line is a message that the same person sends, the last one being looked at. */
  const isByLine = ref(false);
  const result = shallowRef<{ sentence: string; before: string[]; view: TrialView } | null>(null);
  const error = shallowRef<ApiError | null>(null);
  const isBusy = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** An answer to an older question must not overwrite a newer one's. */
  let question = 0;

  async function run(): Promise<void> {
    const mine = ++question;
    const lines = isByLine.value ? sentence.value.split("\n").filter((line) => line.trim()) : [];
    const before = lines.slice(0, -1).slice(-mostBefore);
    const text = lines.at(-1) ?? sentence.value;
    isBusy.value = text.trim() !== "";
    error.value = null;
    if (!isBusy.value) {
      result.value = null;
      return;
    }
    try {
      const view = await ask({
        text,
        ...(before.length > 0 && { before }),
        speaker: speaker.value,
        scene: scene.value,
        ...partOfRequest(draft()),
      });
      if (mine === question) result.value = { sentence: text, before, view };
    } catch (thrown) {
      if (mine === question) error.value = asApiError(thrown);
    } finally {
      if (mine === question) isBusy.value = false;
    }
  }

  watch([sentence, speaker, scene, isByLine, () => JSON.stringify(partOfRequest(draft()))], () => {
    clearTimeout(timer);
    timer = setTimeout(() => void run(), quietMs);
  });
  onScopeDispose(() => clearTimeout(timer));

  return reactive({ sentence, speaker, scene, isByLine, result, error, isBusy, run });
}
export type Trial = ReturnType<typeof useTrial>;

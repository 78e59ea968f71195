/** What the sidebar knows of the chat that it stands beside, and how far it has come in knowing it. */
import type { WarningView } from "#shared/contract/sidebar";
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { ApiError, asApiError } from "../api.ts";
import { loadDraftRules, type DraftRules, type DraftRulesFile } from "./draft-rules.ts";
import { getChatContext, getRules, getSession, type ChatContext } from "./sidebar-api.ts";
import { isNews, newestFirst, withWarning } from "./warnings.ts";
import {
  BridgeError,
  sortBridgeFailure,
  type BridgeProblem,
  type ChatTarget,
  type WecomBridge,
} from "./wecom-bridge.ts";

export type SidebarTab = "reminders" | "record" | "draft";

/** Why the sidebar cannot be used, for the page that says so. */
export type SidebarProblem =
  { kind: BridgeProblem; forAdmin: string } | { kind: "server"; error: ApiError };

/** A warning just in, shown on whatever tab is open. */
export interface LiveNotice {
  warning: WarningView;
  isChange: boolean;
}

function problemOf(thrown: unknown): SidebarProblem {
  const error = sortBridgeFailure(thrown);
  if (error instanceof BridgeError) return { kind: error.problem, forAdmin: error.message };
  return { kind: "server", error };
}

/** Between being told of a file and asking for it, others may have been published. */
async function getNewestRules(): Promise<DraftRulesFile> {
  try {
    return await getRules();
  } catch (error) {
    if (error instanceof ApiError && error.code === "not_found") return await getRules();
    throw error;
  }
}

export const useSidebarStore = defineStore("sidebar", () => {
  const tab = ref<SidebarTab>("reminders");
  const target = shallowRef<ChatTarget | null>(null);
  const context = shallowRef<ChatContext | null>(null);
  const problem = shallowRef<SidebarProblem | null>(null);
  const refreshError = shallowRef<ApiError | null>(null);
  const isRefreshing = ref(false);
  const isLive = ref(true);
  const warnings = shallowRef<WarningView[]>([]);
  const notices = shallowRef<LiveNotice[]>([]);
  const rules = shallowRef<DraftRules | null>(null);
  const rulesFailed = ref(false);
  /** The case that the reminders should bring into view. */
  const focusedCaseId = ref<string | null>(null);
  const openWarnings = computed(() => warnings.value.filter((w) => w.state === "open"));

  function take(fresh: ChatContext): void {
    context.value = fresh;
    warnings.value = newestFirst(fresh.warnings);
    refreshError.value = null;
  }

  async function boot(bridge: WecomBridge): Promise<void> {
    problem.value = null;
    try {
      await getSession();
      const chat = await bridge.openChat();
      take(await getChatContext(chat));
      target.value = chat;
    } catch (error) {
      problem.value = problemOf(error);
    }
  }

  /** Asks for the chat's context again; what is shown stays when that fails. */
  async function refresh(): Promise<void> {
    if (target.value === null || isRefreshing.value) return;
    isRefreshing.value = true;
    try {
      take(await getChatContext(target.value));
    } catch (error) {
      refreshError.value = asApiError(error);
    } finally {
      isRefreshing.value = false;
    }
  }

  /** The old rules stay in use when new ones cannot be had. */
  async function loadRules(): Promise<void> {
    try {
      rules.value = loadDraftRules(await getNewestRules());
      rulesFailed.value = false;
    } catch {
      // ApiError, or a PackedError of rules from another release: the server checks all the same.
      rulesFailed.value = true;
    }
  }

  function receive(warning: WarningView): void {
    if (isNews(warnings.value, warning)) {
      const isChange = warnings.value.some((w) => w.caseId === warning.caseId);
      const others = notices.value.filter((n) => n.warning.caseId !== warning.caseId);
      // News of a decision waits behind a new warning, which may need the person now.
      notices.value = [{ warning, isChange }, ...others].sort(
        (a, b) => Number(a.isChange) - Number(b.isChange),
      );
    }
    warnings.value = withWarning(warnings.value, warning);
  }

  function dismissNotices(): void {
    notices.value = [];
  }

  function showWarning(caseId: string): void {
    tab.value = "reminders";
    focusedCaseId.value = caseId;
    dismissNotices();
  }

  return {
    tab,
    target,
    context,
    problem,
    refreshError,
    isRefreshing,
    isLive,
    warnings,
    openWarnings,
    notices,
    rules,
    rulesFailed,
    focusedCaseId,
    boot,
    refresh,
    loadRules,
    receive,
    dismissNotices,
    showWarning,
  };
});

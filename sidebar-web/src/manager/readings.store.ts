/** The readings that are open in this page, so that going back and forth does not ask for the reason again. */
import type { ReadingView } from "#shared/contract/reading";
import { defineStore } from "pinia";
import { ref } from "vue";

/** A conversation, or the case that leads to it. */
export type ReadingTarget = { conversationId: string } | { caseId: string };

function keyOf(target: ReadingTarget): string {
  return "caseId" in target ? `case:${target.caseId}` : `conversation:${target.conversationId}`;
}

export const useReadingsStore = defineStore("readings", () => {
  const open = new Map<string, ReadingView>();
  /** What was given as the reason last, offered again. */
  const lastPurpose = ref("");

  function find(target: ReadingTarget, nowMs: number): ReadingView | null {
    const reading = open.get(keyOf(target));
    return reading && nowMs < reading.expiresAtMs ? reading : null;
  }

  function keep(target: ReadingTarget, reading: ReadingView): void {
    open.set(keyOf(target), reading);
    open.set(keyOf({ conversationId: reading.conversation.id }), { ...reading, anchorSeq: null });
  }

  function drop(target: ReadingTarget): void {
    const reading = open.get(keyOf(target));
    open.delete(keyOf(target));
    if (reading) open.delete(keyOf({ conversationId: reading.conversation.id }));
  }

  return { lastPurpose, find, keep, drop };
});

/** The list of warnings of a chat, as the server first gave it and as live events change it. Pure. */
import type { WarningView } from "#shared/contract/sidebar";
import { text } from "./messages.ts";

/** "我方说", "我删除了客户". */
export function sayAct({ occasion, speaker }: WarningView): string {
  return text.reminders[occasion === "removal" ? "removed" : "said"][speaker];
}

export function newestFirst(warnings: readonly WarningView[]): WarningView[] {
  return [...warnings].sort((a, b) => b.sentAtMs - a.sentAtMs);
}

/** The list with one warning added, or replaced when its case is known. */
export function withWarning(
  warnings: readonly WarningView[],
  incoming: WarningView,
): WarningView[] {
  return newestFirst([...warnings.filter((w) => w.caseId !== incoming.caseId), incoming]);
}

/** Does a live event tell the person something, or is it what the page shows already? */
export function isNews(warnings: readonly WarningView[], incoming: WarningView): boolean {
  return warnings.find((w) => w.caseId === incoming.caseId)?.state !== incoming.state;
}

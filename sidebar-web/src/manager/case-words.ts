/** How a case is put into words, alike in the list and on its page. Pure. */
import type { CaseView } from "#shared/contract/case";
import { commonText } from "../common-messages.ts";
import { formatMoment } from "../format-time.ts";
import { gravestFirst } from "../text-marks.ts";
import { text } from "./messages.ts";

/** "陈丽 对 李** 说", in the direction of the message; "陈丽 删除了 李**" of what is none. */
export function directionOf({ speaker, occasion, memberName, customerName }: CaseView): string {
  const say = occasion === "removal" ? text.removed : text.towards;
  return speaker === "member" ? say(memberName, customerName) : say(customerName, memberName);
}

/** The gravest rule's title, with the number of rules when there are several. */
export function titleOf({ findings }: CaseView): string {
  const first = gravestFirst(findings)[0]?.title ?? "";
  return findings.length > 1 ? `${first} ${text.more(findings.length)}` : first;
}

/** "张伟 今天 14:03 标记为「误报」", or `null` while nobody has decided. */
export function decisionOf(view: CaseView, nowMs: number): string | null {
  if (view.state === "open") return null;
  const when = view.decidedAtMs === null ? "" : formatMoment(view.decidedAtMs, nowMs);
  return text.decided(view.decidedByName ?? text.someone, when, commonText.caseState[view.state]);
}

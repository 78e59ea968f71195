import type { CoverageLineView } from "#shared/contract/interception";
import type { text } from "./messages.ts";

export type CoverageFilter = keyof typeof text.report.filters;

export function isDrifted({ parts }: CoverageLineView): boolean {
  return parts.some(({ state }) => state === "changed" || state === "deleted");
}

export function matches(line: CoverageLineView, filter: CoverageFilter): boolean {
  if (filter === "unmarked") return !line.isMarked;
  if (!line.isMarked) return false;
  if (filter === "gaps") return line.coverage !== "full";
  return filter === "drift" ? isDrifted(line) : true;
}

/** Where a text is starred, with what stands round it. Pure. */
export interface StarredRun {
  /** Of the first star. */
  at: number;
  /** As the field stands in the text: "138****5678". */
  label: string;
}

const STARRED = /[^\s*，。；：、]{0,3}(\*{2,})[^\s*，。；：、]{0,4}/gu;

export function starredRuns(text: string): StarredRun[] {
  return Array.from(text.matchAll(STARRED), (found) => ({
    at: found.index + found[0].indexOf("*"),
    label: found[0].replace(/\*{5,}/, "****"),
  }));
}

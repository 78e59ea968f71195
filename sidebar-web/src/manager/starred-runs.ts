/** Where a text is starred, with what stands round it. Pure. */
export interface StarredRun {
  /** Of the first star. */
  at: number;
  /** As the field stands in the text: "138****5678"; many stars become few. */
  label: string;
  /** What of it is shown anyway, on both sides of the stars. */
  before: string;
  after: string;
}

const STARRED = /([\w.+-]{0,3})(\*{2,})([\w@.-]{0,30})/g;

export function starredRuns(text: string): StarredRun[] {
  return Array.from(text.matchAll(STARRED), ({ index, 1: before = "", 3: after = "" }) => ({
    at: index + before.length,
    label: `${before}****${after}`,
    before,
    after,
  }));
}

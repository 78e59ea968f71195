import { compileRules } from "#shared/rules/compile";
import { scan } from "#shared/rules/scan";
import { starterRules } from "#shared/rules/starter-rules";

export interface DraftFigure {
  draft: string;
  /** Median time of one check of the whole draft, in microseconds. */
  microsPerKeystroke: number;
}

const ROUNDS = 7;
const KEYSTROKES = 20_000;

const sentence =
  "您好，周三下午方便的话我把资料给您送过去，您先看看条款，有不清楚的我们再一条一条说。";
const drafts = {
  "40 characters, harmless": sentence.slice(0, 40),
  "200 characters, harmless": sentence.repeat(5).slice(0, 200),
  "200 characters, with hits": `${sentence.repeat(5).slice(0, 180)}这款理财保本保息，加我私人微信聊`,
};

/** What the browser does on every keystroke: the starter rules over the whole draft. */
export function benchDraft(): DraftFigure[] {
  const compiled = compileRules(starterRules);
  return Object.entries(drafts).map(([draft, text]) => {
    const rounds = Array.from({ length: ROUNDS }, () => {
      const startedAt = performance.now();
      for (let i = 0; i < KEYSTROKES; i += 1) scan(compiled, text, { speaker: "member" });
      return ((performance.now() - startedAt) * 1000) / KEYSTROKES;
    });
    rounds.sort((a, b) => a - b);
    return { draft, microsPerKeystroke: rounds[Math.floor(ROUNDS / 2)] ?? Number.NaN };
  });
}

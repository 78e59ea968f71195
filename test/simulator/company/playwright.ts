import type { Facts } from "./facts.ts";
import type { Random } from "./random.ts";
import type { Beat, Scene, Turn } from "./script.ts";
import type { Speaker } from "./script.ts";
import type { Gap } from "./timing.ts";

/** One message before it has an author's id and a time. */
export interface Line {
  speaker: Speaker;
  text: string;
  gap: Gap;
}

/**
 * Plays scenes: chooses among what is written and fills the slots. It remembers what it has used, so that every line
 * gets its turn before one comes back.
 */
export interface Playwright {
  play: (scene: Scene, facts: Facts) => Line[];
  /** One of the items, the less often chosen so far the likelier. */
  choose: <T extends object>(items: readonly T[]) => T;
}

export function createPlaywright(random: Random): Playwright {
  const uses = new Map<unknown, number>();
  const leastUsed = <T>(items: readonly T[], keyOf: (item: T) => unknown): T => {
    const shuffled = random.shuffle(items).slice(0, 4);
    const useOf = (item: T): number => uses.get(keyOf(item)) ?? 0;
    const chosen = shuffled.reduce((best, item) => (useOf(item) < useOf(best) ? item : best));
    uses.set(keyOf(chosen), useOf(chosen) + 1);
    return chosen;
  };
  const playTurns = (turns: readonly Turn[], facts: Facts): Line[] => {
    const lines: Line[] = [];
    let number = 0;
    for (const turn of turns) {
      if (!turn.isPaired) {
        number = leastUsed([...turn.alternatives.keys()], (key) => turn.alternatives[key]);
      }
      const parts = fillSlots(turn.alternatives[number] ?? "", facts).split(" / ");
      for (const [index, text] of parts.entries()) {
        lines.push({ speaker: turn.speaker, text, gap: index === 0 ? "reply" : "burst" });
      }
    }
    return lines;
  };
  const playBeat = (beat: Beat, facts: Facts): Line[] => {
    if (beat.isOptional && random.chance(0.5)) return [];
    const variant = beat.variants.length === 1 ? beat.variants[0] : undefined;
    const gap = beat.isLater ? "break" : "pause";
    return startWith(gap, playTurns(variant ?? leastUsed(beat.variants, (one) => one), facts));
  };
  return {
    play: (scene, facts) =>
      startWith(
        "break",
        scene.beats.flatMap((beat) => playBeat(beat, facts)),
      ),
    choose: (items) => leastUsed(items, (item) => item),
  };
}

function startWith(gap: Gap, lines: readonly Line[]): Line[] {
  return lines.map((line, index) => (index === 0 ? { ...line, gap } : line));
}

function fillSlots(text: string, facts: Facts): string {
  return text.replaceAll(/\{(\w+)\}/gu, (_, slot: string) => {
    const value = facts[slot];
    if (value === undefined) throw new Error(`no value for {${slot}} in: ${text}`);
    return value;
  });
}

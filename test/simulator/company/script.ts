/**
 * The small notation in which the scenes of the demo company are written, so that a scene reads like the chat it
 * becomes. One scene:
 *
 *     # title @field,field      starts a scene; the fields (or `any`) say whose business it fits
 *     c text                    a turn of the customer; `m` the member, in groups also `d`, `e` (customers), `n` (member)
 *     | text                    another way to say the same turn
 *     M text                    a capital: the n-th way here answers the n-th way of the turn before, and no other
 *     =                         the next beat; `=?` one that is left out half of the time, `=~` one that comes hours
 *                               later, `=?~` both
 *     +                         another exchange that may stand for the whole current beat
 *
 * In a text, `{name}` is a slot that a conversation fills once, and ` / ` splits it into messages sent one after another.
 * A part may be `[file name]`, `[link title :: description]` or `[card]` (the superior's name card).
 */

export type Speaker = "c" | "d" | "e" | "m" | "n";
export const fields = ["wealth", "insurance", "software", "hardware"] as const;
export type Field = (typeof fields)[number];

export interface Turn {
  speaker: Speaker;
  alternatives: string[];
  /** The alternative is the one with the same number as in the turn before. */
  isPaired: boolean;
}

export interface Beat {
  isOptional: boolean;
  /** Hours pass before it. */
  isLater: boolean;
  /** Any one of these exchanges plays the beat. */
  variants: Turn[][];
}

export interface Scene {
  title: string;
  fields: readonly Field[];
  beats: Beat[];
}

/** Reads a text of scenes; throws with the place when it does not follow the notation. */
export function parseScenes(text: string): Scene[] {
  const scenes: Scene[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "") continue;
    if (line.startsWith("# ")) scenes.push(parseHeader(line));
    else if (!addLine(scenes.at(-1), line)) {
      throw new SyntaxError(`scene line ${index + 1} is not understood: ${line}`);
    }
  }
  scenes.forEach(checkPairs);
  return scenes;
}

function checkPairs(scene: Scene): void {
  for (const turns of scene.beats.flatMap((beat) => beat.variants)) {
    for (const [index, turn] of turns.entries()) {
      const before = turns[index - 1]?.alternatives.length;
      if (turn.isPaired && before !== turn.alternatives.length) {
        throw new SyntaxError(
          `${scene.title}: not as many answers: ${turn.alternatives.join(" | ")}`,
        );
      }
    }
  }
}

function parseHeader(line: string): Scene {
  const [title = "", names = ""] = line.slice(2).split(" @");
  const chosen = fields.filter((field) => names === "any" || names.split(",").includes(field));
  if (chosen.length === 0) throw new SyntaxError(`a scene that fits no field: ${line}`);
  return { title, fields: chosen, beats: [newBeat("")] };
}

function newBeat(marks: string): Beat {
  return { isOptional: marks.includes("?"), isLater: marks.includes("~"), variants: [[]] };
}

function addLine(scene: Scene | undefined, line: string): boolean {
  const beat = scene?.beats.at(-1);
  const turns = beat?.variants.at(-1);
  if (!scene || !beat || !turns) return false;
  if (/^=[?]?~?$/u.test(line)) return scene.beats.push(newBeat(line)) > 0;
  if (line === "+") return beat.variants.push([]) > 0;
  const said = /^([cdemn|]) (.+)$/iu.exec(line);
  const [mark, text] = [said?.[1], said?.[2]];
  if (mark === undefined || text === undefined) return false;
  if (mark === "|") return (turns.at(-1)?.alternatives.push(text) ?? 0) > 0;
  const speaker = mark.toLowerCase() as Speaker;
  return turns.push({ speaker, alternatives: [text], isPaired: mark !== speaker }) > 0;
}

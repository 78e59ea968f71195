/**
 * Parts of split characters and what they are written by: イ and 人 pass for 亻. All of a group count as one
 * part. Loading compiled rules needs this; the splits themselves come with the rules.
 */

/** Each group is one part; the first is the one that the table names. Written by hand. */
const partGroups = [
  "亻イｲ人",
  "氵シｼ水",
  "扌才手",
  "讠言訁",
  "钅金釒",
  "忄心",
  "艹艸卄",
  "犭犬",
  "礻示ネ",
  "衤衣",
  "饣食飠",
  "纟糸糹",
  "辶辵",
  "冫冰",
  "刂刀リﾘ",
  "攵夂攴⺙",
  "灬火",
  "口ロ囗",
  "贝貝",
  "车車",
  "马馬",
  "门門",
  "见見",
  "页頁",
  "鱼魚",
  "鸟鳥",
  "⺼月",
  "力カ",
  "夕タ",
  "二ニ",
  "厶ム",
  "王玉⺩",
  "竹⺮",
  "罒四⺲",
];

function buildParts(): Map<number, number> {
  const parts = new Map<number, number>();
  for (const group of partGroups) {
    for (let at = 0; at < group.length; at++) parts.set(group.charCodeAt(at), group.charCodeAt(0));
  }
  return parts;
}

const canonicalParts = buildParts();

/** Parts that stand right or below and are still written by a look-alike. */
const laterParts = new Set(Array.from("刂攵口力灬厶夕二", (part) => part.charCodeAt(0)));

/** May the part in this place be written by a look-alike? 才 for 扌 in front, but 闭 is not 门扌. */
export function mayLookAlike(part: number, place: number): boolean {
  return place === 0 || laterParts.has(canonicalPart(part));
}

/** The unit that names the group of a part. */
export function canonicalPart(unit: number): number {
  return canonicalParts.get(unit) ?? unit;
}

/** The units that count as this part, itself among them. */
export function unitsOfPart(part: number): number[] {
  const group = partGroups.find((one) => one.charCodeAt(0) === part);
  return group === undefined ? [part] : Array.from(group, (character) => character.charCodeAt(0));
}

/** They say nothing about who it is: 「宋先生」 is 宋. */
const TITLES = /(先生|女士|小姐|老师)$/u;
const segmenter = new Intl.Segmenter("zh", { granularity: "grapheme" });

/**
 * What stands in an avatar, from the name without its addition (「文姐（口腔门诊）」, 「王姐-朝阳门店」):
 * the last two characters of a Chinese name, else the first one; an emoji counts as one.
 */
export function initials(name: string): string {
  const [core = ""] = name.trim().split(/[\s（(\-—·|]+/u);
  const shown = core.replace(TITLES, "") || core || name.trim();
  const characters = Array.from(segmenter.segment(shown), (part) => part.segment);
  const chinese = characters.filter((character) => /\p{Script=Han}/u.test(character));
  if (chinese.length > 0) return chinese.slice(-2).join("");
  return (characters[0] ?? "?").toUpperCase();
}

/** How people spell what they may not say when they move a chat elsewhere. Written by hand. */

/** A piece of a word, and what is written in its place. */
const spellings: readonly (readonly [piece: string, instead: readonly string[]])[] = [
  [
    "微信",
    ["vx", "wx", "v信", "v心", "威信", "薇信", "维信", "徽信", "卫星", "魏信", "微x", "绿泡泡"],
  ],
  ["加微", ["加薇", "加威", "加v", "+v", "+微", "+薇", "佳微", "伽微"]],
  ["加v", ["+v", "加薇", "佳v", "伽v", "嘉v"]],
  ["加我", ["+我", "佳我", "伽我"]],
  ["加个", ["+个", "佳个"]],
  ["qq", ["扣扣", "球球", "秋秋", "企鹅号", "抠抠"]],
  ["扣扣", ["qq", "球球", "秋秋", "抠抠"]],
  ["支付宝", ["zfb", "支付饱", "吱付宝", "知付宝"]],
  ["转账", ["转帐"]],
  ["账户", ["帐户"]],
  ["公司账", ["公司帐"]],
  ["私账", ["私帐"]],
  ["银行卡", ["yhk"]],
  ["电话", ["dh", "☎"]],
  ["手机号", ["sjh"]],
];

const mostAliases = 80;

/** Other spellings of a folded word, up to two pieces replaced. */
export function aliasesOf(folded: string): string[] {
  const aliases = new Set<string>();
  let round = [folded];
  for (let depth = 0; depth < 2; depth++) {
    const next: string[] = [];
    for (const word of round) {
      for (const [piece, instead] of spellings) {
        if (!word.includes(piece)) continue;
        for (const one of instead) next.push(word.replace(piece, one));
      }
    }
    for (const one of next) {
      if (aliases.size >= mostAliases) return [...aliases];
      if (one !== folded) aliases.add(one);
    }
    round = next;
  }
  return [...aliases];
}

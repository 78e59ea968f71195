/** The words in which all pages say how a hit came about. */
import type { ValueKind } from "#shared/rules/value-span";

export const explanationText = {
  title: "怎么判断的",
  version: (revision: number): string => `规则第 ${revision} 版`,
  steps: "识别了",
  asWritten: "和规则里写的一样，没有变体",
  step: { width: "全角", case: "大小写", traditional: "繁体", invisible: "隐藏字符" },
  variantStep: {
    digit: "数字变体",
    letter: "形近字母",
    mark: "附加符号",
    filler: "夹字符",
    repeat: "重复字",
    split: "拆字",
    homophone: "谐音",
    near_homophone: "近音",
    pinyin: "拼音",
    initial: "拼音首字母",
    slang: "暗语",
  },
  condition: "条件",
  folded: "规则看到的样子",
  exceptions: (phrases: readonly string[]): string =>
    `例外${phrases.map((one) => `「${one}」`).join("")}不适用：没有这样说`,
  suppressed: {
    exception: (word: string, exception: string): string =>
      `「${word}」在例外「${exception}」里，不算`,
    speaker: (word: string): string => `「${word}」出现了，但这条规则不看这一方说的话`,
    word_boundary: (word: string): string => `「${word}」只是更长的字母或数字的一部分，不算`,
  },
  moreWords: (words: string, count: number): string => `${words} 等 ${count} 个`,
  valueNames: {
    id_card: "身份证号",
    bank_card: "银行卡号",
    credit_code: "统一社会信用代码",
    mobile: "手机号",
    landline: "固定电话",
    email: "邮箱",
    plate: "车牌号",
    wechat_id: "微信号",
    qq_id: "QQ 号",
    link: "网址",
    amount: "金额",
  } satisfies Record<ValueKind, string>,
  missing: "没有判断过程可看：命中较早，或只能在服务器上判断。",
} as const;

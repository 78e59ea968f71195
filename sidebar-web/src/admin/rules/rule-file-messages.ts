/** Every sentence of exporting and importing rules. */
export const text = {
  export: "导出 Excel",
  import: "导入 Excel",
  title: "导入规则",
  intro:
    "先导出，在 Excel 里改好再导入。先检查、不改动任何东西，确认后一次写入工作稿，发布后才生效。文件里没有的规则不受影响。",
  choose: "选择 .xlsx 文件",
  chosen: (name: string, kb: number): string => `${name}（${kb} KB）`,
  checking: "正在检查…",
  tooLarge: (mb: number): string => `文件超过 ${mb} MB，请分成几个文件`,
  errors: (count: number, shown: number): string =>
    count > shown
      ? `有 ${count} 处错误，先列出 ${shown} 处，什么都没有改`
      : `有 ${count} 处错误，什么都没有改`,
  error: (sheet: string, cell: string, message: string): string =>
    `${sheet === "" ? "" : `「${sheet}」`}${cell === "" ? "" : `${cell}：`}${message}`,
  counts: (added: number, changed: number, same: number, absent: number): string =>
    `新增 ${added} 条，修改 ${changed} 条，${same} 条没有变化；另有 ${absent} 条不在文件里，保持不变`,
  kind: { new: "新增", changed: "修改" },
  words: (added: number, removed: number): string =>
    [
      ...(added > 0 ? [`加 ${added} 个词`] : []),
      ...(removed > 0 ? [`减 ${removed} 个词`] : []),
    ].join("，"),
  other: "例外或词的顺序",
  nothing: "和现在的规则一样，没有要写入的。",
  cancel: "取消",
  confirm: (count: number): string => `写入工作稿（${count} 条）`,
  importing: "写入中…",
  done: (created: number, updated: number): string =>
    `已写入工作稿：新增 ${created} 条，修改 ${updated} 条`,
  editedMeanwhile: "检查之后有人改了规则，请重新选择文件再检查一次。",
} as const;

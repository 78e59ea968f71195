import { z } from "zod";

export const ruleFileType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
export const ruleFileBytes = 5 * 1024 * 1024;

/** One thing to correct, where it stands. */
const fileError = z.object({ sheet: z.string(), cell: z.string(), message: z.string() });
export type RuleFileError = z.infer<typeof fileError>;

const fileChange = z.object({
  title: z.string(),
  kind: z.enum(["new", "changed"]),
  /** Of a changed rule: the columns that differ, by their heads. */
  columns: z.array(z.string()),
  addedWords: z.number().int(),
  removedWords: z.number().int(),
});

/**
 * What a file would do. POST /api/admin/rules/file/preview with the file as body; nothing is changed. With errors there
 * are no changes.
 */
export const ruleFilePreview = z.object({
  /** The first ones. */
  errors: z.array(fileError),
  errorCount: z.number().int(),
  changes: z.array(fileChange),
  sameCount: z.number().int(),
  /** Rules that are not in the file stay as they are. */
  absentCount: z.number().int(),
  /** Of the rules that it was compared with. */
  base: z.string(),
});
export type RuleFilePreview = z.infer<typeof ruleFilePreview>;

/**
 * POST /api/admin/rules/file/import?base= with the same file → what was changed, all or nothing; 409 when a rule was
 * changed since the preview. GET /api/admin/rules/file : all rules as such a file.
 */
export const ruleFileImport = z.object({ base: z.string().length(64) });
export const ruleFileResult = z.object({ created: z.number().int(), updated: z.number().int() });
export type RuleFileResult = z.infer<typeof ruleFileResult>;

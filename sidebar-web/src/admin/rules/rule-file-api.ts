/** Rules as a workbook. */
import type { RuleFilePreview, RuleFileResult } from "#shared/contract/rule-file";
import { ruleFileType } from "#shared/contract/rule-file";
import { api } from "../../page-api.ts";

const path = "/api/admin/rules/file";

/** A file; the browser saves it. */
export const ruleFile = path;

/** Browsers name the type after the ending, and not all of them know it. */
function typed(file: Blob): Blob {
  return new Blob([file], { type: ruleFileType });
}

export function previewRuleFile(file: Blob): Promise<RuleFilePreview> {
  return api.upload(`${path}/preview`, typed(file));
}

/** 409 when a rule was changed since the preview. */
export function importRuleFile(file: Blob, base: string): Promise<RuleFileResult> {
  return api.upload(`${path}/import`, typed(file), { base });
}

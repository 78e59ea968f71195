/** A rule as it is being written: lists are text, one entry a line. Pure. */
import type { RuleDraft, RuleView } from "#shared/contract/rule";
import type { Condition } from "#shared/rules/condition";
import { foldText } from "#shared/rules/fold";
import { defaultStrength, type VariantStrength } from "#shared/rules/rule";
import type { ValueKind } from "#shared/rules/value-span";
import { text } from "../messages.ts";

export interface RuleForm extends Omit<RuleDraft, "words" | "exceptions" | "variants" | "native"> {
  variants: VariantStrength;
  words: string;
  /** Looked for beside the words: any of both is a hit. */
  values: ValueKind[];
  exceptions: string;
  /** Handed to WeCom's own interception; the rest of its setting is kept while it is off. */
  isNative: boolean;
  nativeDepartmentIds: number[];
  nativeMemberIds: string[];
  tellsConfidential: boolean;
}

/** As many characters as one word may have (WeCom's own interception takes no more). */
export const maxWordLength = 32;

export const emptyForm: Readonly<RuleForm> = {
  title: "",
  category: "",
  level: "caution",
  speaker: "member",
  variants: defaultStrength,
  words: "",
  values: [],
  exceptions: "",
  clause: "",
  reason: "",
  suggestion: "",
  isConfidential: false,
  isNative: false,
  nativeDepartmentIds: [],
  nativeMemberIds: [],
  tellsConfidential: false,
};

/** The order of the fields on the page. */
export const formFields = [
  "title",
  "category",
  "level",
  "speaker",
  "variants",
  "words",
  "values",
  "condition",
  "exceptions",
  "clause",
  "reason",
  "suggestion",
  "isConfidential",
  "isNative",
  "nativeDepartmentIds",
  "nativeMemberIds",
  "tellsConfidential",
] as const satisfies readonly (keyof RuleForm)[];
export type FormField = (typeof formFields)[number];

/** The entries of a text with one entry a line; empty lines do not count. */
export function readLines(written: string): string[] {
  return written
    .split(/\r?\n/u)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** The values of a condition that says no more than "any of these"; null of any other, which stays as it is. */
function plainValuesOf(condition: Condition | undefined): ValueKind[] | null {
  if (condition === undefined) return [];
  if (condition.kind !== "any") return null;
  const values: ValueKind[] = [];
  for (const part of condition.of) {
    if (part.kind === "value" && part.allowedDomains === undefined) values.push(part.value);
    else if (part.kind !== "words" || part.words !== null) return null;
  }
  return values;
}

function conditionOf(
  words: readonly string[],
  values: readonly ValueKind[],
): Condition | undefined {
  if (values.length === 0) return undefined;
  const own: Condition[] = words.length > 0 ? [{ kind: "words", words: null }] : [];
  return {
    kind: "any",
    of: [...own, ...values.map((value) => ({ kind: "value" as const, value }))],
  };
}

export function formOf(rule: RuleDraft): RuleForm {
  const values = plainValuesOf(rule.condition);
  const { title, category, level, speaker, clause, reason, suggestion, isConfidential } = rule;
  return {
    title,
    category,
    level,
    speaker,
    variants: rule.variants ?? defaultStrength,
    ...(values === null && { condition: rule.condition }),
    words: rule.words.join("\n"),
    values: values ?? [],
    exceptions: rule.exceptions.join("\n"),
    clause,
    reason,
    suggestion,
    isConfidential,
    ...nativeFormOf(rule),
  };
}

function nativeFormOf({ native }: RuleDraft) {
  return {
    isNative: native !== undefined,
    nativeDepartmentIds: [...(native?.departmentIds ?? [])],
    nativeMemberIds: [...(native?.memberIds ?? [])],
    tellsConfidential: native?.tellsConfidential ?? false,
  };
}

export function draftOf(form: RuleForm): RuleDraft {
  const { values, isNative, nativeDepartmentIds, nativeMemberIds, tellsConfidential, ...same } =
    form;
  const words = readLines(form.words);
  const condition = form.condition ?? conditionOf(words, values);
  const native = {
    departmentIds: nativeDepartmentIds,
    memberIds: nativeMemberIds,
    // Meant for a confidential rule; one that is not any more must not become so with it.
    tellsConfidential: form.isConfidential && tellsConfidential,
  };
  return {
    ...same,
    words,
    ...(condition && { condition }),
    exceptions: readLines(form.exceptions),
    ...(isNative && { native }),
  };
}

/** A rule half written may be tried already: all that is tried is what it looks for. `null` while that is nothing. */
export function trialDraftOf(form: RuleForm): RuleDraft | null {
  const draft = draftOf(form);
  if (draft.words.length === 0 && draft.condition === undefined) return null;
  const filled = (value: string): string => value.trim() || "—";
  return {
    ...draft,
    title: form.title.trim() || text.form.newRule,
    category: filled(form.category),
    clause: filled(form.clause),
    reason: filled(form.reason),
    suggestion: filled(form.suggestion),
  };
}

/** Fields in which two forms say different things; spaces and empty lines are no difference. */
export function differingFields(a: RuleForm, b: RuleForm): FormField[] {
  const plain = (form: RuleForm, field: FormField): string =>
    field === "condition"
      ? JSON.stringify(form.condition)
      : readLines(String(form[field])).join("\n");
  return formFields.filter((field) => plain(a, field) !== plain(b, field));
}

/** Entries parted by whether an earlier one says the same to the rules (which see no width, case …). */
function partBySense(lines: readonly string[]): { first: string[]; again: string[] } {
  const seen = new Set<string>();
  const parted = { first: [] as string[], again: [] as string[] };
  for (const line of lines) {
    const sense = foldText(line).text;
    (seen.has(sense) ? parted.again : parted.first).push(line);
    seen.add(sense);
  }
  return parted;
}

export function findDuplicates(lines: readonly string[]): string[] {
  return partBySense(lines).again;
}

/** The text without the later ones of entries that say the same. */
export function withoutDuplicates(written: string): string {
  return partBySense(readLines(written)).first.join("\n");
}

export function findTooLong(lines: readonly string[]): string[] {
  return lines.filter((line) => line.length > maxWordLength);
}

/**
 * The server's complaints by the field of the form; of `words.2` and `draft.words.2` alike the third
 * entry of the words is meant.
 */
export function fieldErrorsOf(
  fields: Readonly<Record<string, string>>,
): Partial<Record<FormField, string>> {
  const errors: Partial<Record<FormField, string>> = {};
  for (const [path, sentence] of Object.entries(fields)) {
    const [name, index] = path.replace(/^draft\./u, "").split(".");
    const field = name === "native" ? "isNative" : formFields.find((known) => known === name);
    if (field === undefined || errors[field] !== undefined) continue;
    errors[field] = index === undefined ? sentence : text.form.line(Number(index) + 1, sentence);
  }
  return errors;
}

/** True when two views of a rule differ in nothing that the form shows. */
export function hasSameContent(a: RuleView, b: RuleView): boolean {
  return differingFields(formOf(a), formOf(b)).length === 0;
}

/** The address of a rule that is not saved yet. */
export const newRuleId = "new";

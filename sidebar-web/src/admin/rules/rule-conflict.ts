/** What two people wrote differently about one rule, in words for the one who must choose. Pure. */
import { explanationText } from "../../explanation/messages.ts";
import { commonText } from "../../common-messages.ts";
import { text as nativeText } from "../interception/messages.ts";
import { text } from "../messages.ts";
import { conditionText } from "../../explanation/condition-messages.ts";
import { sayCondition } from "../../explanation/condition-words.ts";
import {
  differingFields,
  emptyForm,
  formFields,
  readLines,
  type FormField,
  type RuleForm,
} from "./rule-form.ts";

export interface ConflictRow {
  label: string;
  theirs: string;
  mine: string;
}

/** So many entries of a list are named; more would hide the others. */
const entriesNamed = 5;

const labels: Record<FormField, string> = {
  title: text.form.title,
  category: text.form.category,
  level: text.form.level,
  speaker: text.form.speaker,
  variants: text.form.variants,
  words: text.form.words,
  values: text.form.values,
  condition: conditionText.label,
  exceptions: text.form.exceptions,
  clause: text.form.clause,
  reason: text.form.reason,
  suggestion: text.form.suggestion,
  isConfidential: text.form.confidential,
  isNative: nativeText.field.switch,
  nativeDepartmentIds: nativeText.field.departments,
  nativeMemberIds: nativeText.field.members,
  tellsConfidential: nativeText.field.tellsConfidential,
};

function sayList(here: string, there: string): string {
  const other = new Set(readLines(there));
  const all = readLines(here);
  const only = all.filter((entry) => !other.has(entry));
  const named = only.slice(0, entriesNamed).join("、");
  const list = only.length > entriesNamed ? explanationText.moreWords(named, only.length) : named;
  return only.length === all.length ? list : text.conflict.words(all.length, list);
}

function say(field: FormField, form: RuleForm, other: RuleForm): string {
  switch (field) {
    case "level":
      return commonText.level[form.level];
    case "speaker":
      return commonText.speaker[form.speaker];
    case "variants":
      return text.form.variantNames[form.variants];
    case "values":
      return (
        form.values.map((value) => explanationText.valueNames[value]).join("、") ||
        text.form.noValues
      );
    case "condition":
      return form.condition ? sayCondition(form.condition) : text.form.noValues;
    case "isConfidential":
    case "isNative":
    case "tellsConfidential":
      return form[field] ? text.form.yes : text.form.no;
    case "nativeDepartmentIds":
    case "nativeMemberIds":
      return form[field].join("、") || nativeText.report.everybody;
    case "words":
    case "exceptions":
      return sayList(form[field], other[field]);
    case "title":
    case "category":
    case "clause":
    case "reason":
    case "suggestion":
      return form[field];
  }
}

/** All that a form says. */
export function describeForm(form: RuleForm): { label: string; value: string }[] {
  return formFields.map((field) => ({ label: labels[field], value: say(field, form, emptyForm) }));
}

export function compareForms(theirs: RuleForm, mine: RuleForm): ConflictRow[] {
  return differingFields(theirs, mine).map((field) => ({
    label: labels[field],
    theirs: say(field, theirs, mine),
    mine: say(field, mine, theirs),
  }));
}

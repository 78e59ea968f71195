/** What two people wrote differently about one rule, in words for the one who must choose. Pure. */
import { commonText } from "../../common-messages.ts";
import { text } from "../messages.ts";
import { differingFields, readLines, type FormField, type RuleForm } from "./rule-form.ts";

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
  exceptions: text.form.exceptions,
  clause: text.form.clause,
  reason: text.form.reason,
  suggestion: text.form.suggestion,
  isConfidential: text.form.confidential,
};

function sayList(here: string, there: string): string {
  const other = new Set(readLines(there));
  const all = readLines(here);
  const only = all.filter((entry) => !other.has(entry));
  const named = only.slice(0, entriesNamed).join("、");
  const list = only.length > entriesNamed ? text.conflict.moreWords(named, only.length) : named;
  return text.conflict.words(all.length, list);
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
        form.values.map((value) => text.form.valueNames[value]).join("、") || text.form.noValues
      );
    case "isConfidential":
      return form.isConfidential ? text.form.yes : text.form.no;
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

export function compareForms(theirs: RuleForm, mine: RuleForm): ConflictRow[] {
  return differingFields(theirs, mine).map((field) => ({
    label: labels[field],
    theirs: say(field, theirs, mine),
    mine: say(field, mine, theirs),
  }));
}

/** How a rule differs before and after, field by field, in words. Pure. */
import type { RuleChange } from "#shared/contract/rule-set";
import { compareForms, describeForm } from "../rules/rule-conflict.ts";
import { formOf } from "../rules/rule-form.ts";
import { text } from "./messages.ts";

export interface ChangeRow {
  label: string;
  before: string;
  after: string;
}

export function titleOf({ before, after }: RuleChange): string {
  return (after ?? before)?.definition.title ?? "";
}

export function rowsOf({ before, after }: RuleChange): ChangeRow[] {
  const only = before ?? after;
  if (!before || !after) {
    const fields = only ? describeForm(formOf(only.definition)) : [];
    return fields.map(({ label, value }) => ({
      label,
      before: before ? value : "",
      after: after ? value : "",
    }));
  }
  const [was, is] = [formOf(before.definition), formOf(after.definition)];
  const rows = compareForms(was, is).map(({ label, theirs, mine }) => ({
    label,
    before: theirs,
    after: mine,
  }));
  if (before.isEnabled === after.isEnabled) return rows;
  const state = (isEnabled: boolean): string => (isEnabled ? text.changes.on : text.changes.off);
  return [
    { label: text.changes.state, before: state(before.isEnabled), after: state(after.isEnabled) },
    ...rows,
  ];
}

import type { RuleDraft } from "#shared/contract/rule";
import type { RuleFileError, RuleFilePreview } from "#shared/contract/rule-file";
import { canonicalJson } from "../../platform/ledger/canonical-json.ts";
import { ruleColumns, sheetNames } from "./rule-columns.ts";
import type { FileOfRules, NamedDraft } from "./rule-file.ts";

/** A rule as it is now. */
export interface KnownRule extends NamedDraft {
  revision: number;
}

export interface ImportPlan {
  create: readonly RuleDraft[];
  update: readonly { id: string; revision: number; draft: RuleDraft }[];
  preview: Omit<RuleFilePreview, "base">;
}

const maxErrors = 200;
type Change = RuleFilePreview["changes"][number];

/** What a file would do to the rules. Rules that it does not name stay; with a mistake it does nothing. */
export function planImport(file: FileOfRules, known: readonly KnownRule[]): ImportPlan {
  const byId = new Map(known.map((rule) => [rule.id, rule]));
  const byTitle = new Map(known.map((rule) => [rule.draft.title, rule]));
  const errors: RuleFileError[] = [...file.errors];
  const create: RuleDraft[] = [];
  const update: ImportPlan["update"][number][] = [];
  const changes: Change[] = [];
  const met = new Set<string>();
  for (const { id, draft, cell } of file.rules) {
    // Without a number the name decides, so that the same file twice makes no second rule.
    const old = id === "" ? byTitle.get(draft.title) : byId.get(id);
    if (id !== "" && !old) {
      const message = `没有编号为「${id.slice(0, 40)}」的规则；新规则的编号请留空`;
      errors.push({ sheet: sheetNames.rules, cell, message });
      continue;
    }
    if (old && met.has(old.id)) {
      const message = `「${draft.title}」出现了两次`;
      errors.push({ sheet: sheetNames.rules, cell, message });
      continue;
    }
    if (!old) {
      create.push(draft);
      changes.push(changeOf(draft, undefined));
      continue;
    }
    met.add(old.id);
    if (fieldsOf(old.draft) === fieldsOf(draft)) continue;
    update.push({ id: old.id, revision: old.revision, draft });
    changes.push(changeOf(draft, old.draft));
  }
  const isRight = errors.length === 0;
  return {
    create: isRight ? create : [],
    update: isRight ? update : [],
    preview: {
      errors: errors.slice(0, maxErrors),
      errorCount: errors.length,
      changes: isRight ? changes : [],
      sameCount: file.rules.length - create.length - update.length,
      absentCount: known.length - met.size,
    },
  };
}

/** As a file says it: a strength that was never chosen is the usual one. */
export function fieldsOf(draft: RuleDraft): string {
  const columns = ruleColumns.map(({ write }) => write(draft));
  return canonicalJson({ columns, words: draft.words, exceptions: draft.exceptions });
}

function changeOf(draft: RuleDraft, old: RuleDraft | undefined): Change {
  const [now, before] = [new Set(draft.words), new Set(old?.words)];
  return {
    title: draft.title,
    kind: old ? "changed" : "new",
    columns: old
      ? ruleColumns.filter(({ write }) => write(draft) !== write(old)).map(({ head }) => head)
      : [],
    addedWords: draft.words.filter((word) => !before.has(word)).length,
    removedWords: (old?.words ?? []).filter((word) => !now.has(word)).length,
  };
}

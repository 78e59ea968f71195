import type { EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import type { RuleDraft } from "#shared/contract/rule";
import type { RuleFilePreview, RuleFileResult } from "#shared/contract/rule-file";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { fingerprint } from "../../platform/ledger/ledger.ts";
import { fieldsOf, planImport } from "./import-plan.ts";
import type { KnownRule } from "./import-plan.ts";
import { objectionTo } from "./rule-draft.service.ts";
import type { RuleDrafts } from "./rule-draft.service.ts";
import { readRuleFile, writeRuleFile } from "./rule-file.ts";
import { StoredRule } from "./rule.entity.ts";

export interface RuleFiles {
  /** All rules of the draft, as a workbook. */
  write(): Promise<Buffer>;
  /** What the file would do; changes nothing. */
  preview(file: Buffer): Promise<RuleFilePreview>;
  /** Into the draft, all of it or nothing; `base` is the preview's, of rules that nobody has changed since. */
  apply(file: Buffer, base: string, by: string): Promise<RuleFileResult>;
}

interface Deps {
  database: Database;
  drafts: Pick<RuleDrafts, "add" | "change">;
}

export function createRuleFiles({ database, drafts }: Deps): RuleFiles {
  function plan(file: Buffer, known: readonly KnownRule[]) {
    // Compiling is what takes time, and what stands in the draft has been compiled.
    const compiled = new Set(known.map(({ draft }) => fieldsOf(draft)));
    const objectTo = (draft: RuleDraft): string | undefined =>
      compiled.has(fieldsOf(draft)) ? undefined : objectionTo(draft);
    const { preview, ...changes } = planImport(readRuleFile(file, objectTo), known);
    return { changes, preview: { ...preview, base: baseOf(known) } };
  }

  return {
    write: async () => writeRuleFile(await readKnown(database.read)),

    async preview(file) {
      return plan(file, await readKnown(database.read)).preview;
    },

    async apply(file, base, by) {
      const { changes, preview } = plan(file, await readKnown(database.read));
      if (preview.base !== base) throw new AppError("edited_meanwhile");
      if (preview.errorCount > 0) throw new AppError("invalid_request", { file: "文件里有错误" });
      const { create, update } = changes;
      await database.write(async (tx) => {
        for (const definition of create) await drafts.add(tx, uuidv7(), definition, by);
        for (const { draft: definition, ...rule } of update) {
          await drafts.change(tx, { ...rule, definition }, by);
        }
      });
      return { created: create.length, updated: update.length };
    },
  };
}

async function readKnown(manager: EntityManager): Promise<KnownRule[]> {
  const rows = await manager.find(StoredRule, { order: { id: "ASC" } });
  return rows.map(({ id, revision, definition }) => ({ id, revision, draft: definition }));
}

function baseOf(known: readonly KnownRule[]): string {
  return fingerprint(known.map(({ id, revision }) => `${id}@${revision}`).join("\n"));
}

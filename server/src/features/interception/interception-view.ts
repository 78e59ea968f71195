import type {
  CoverageLineView,
  DifferenceView,
  ImportedRuleView,
  InterceptionView,
  NativePartView,
} from "#shared/contract/interception";
import type { CoverageLine } from "#shared/rules/native/compile-native";
import { compileNative } from "#shared/rules/native/compile-native";
import type { NativeSource } from "#shared/rules/native/express";
import { nativeLimits } from "#shared/rules/native/native-rule";
import type { NativeRange, NativeRule } from "#shared/rules/native/native-rule";
import type { InterceptBody } from "../../wecom/intercept-rules.ts";
import type { DirectoryNames } from "../members/members.service.ts";
import { sameRange, sameSet } from "./compare-body.ts";
import type { NativeImportRow, NativeRuleRow, NativeSyncRow } from "./interception.entity.ts";
import { compileWithin } from "./interception.sync.ts";

interface Known {
  rules: readonly NativeSource[];
  rows: readonly NativeRuleRow[];
  imports: readonly NativeImportRow[];
  sync: NativeSyncRow | null;
  names: DirectoryNames;
}

type NamedRange = ImportedRuleView["range"];
type Namer = (range: NativeRange) => NamedRange;

/** A rule that is not marked is compiled as if it were alone and marked: that is what marking it would bring. */
const unmarked = { memberIds: [], departmentIds: [], tellsConfidential: false };

export function viewInterception({ rules, rows, imports, sync, names }: Known): InterceptionView {
  const nameRange = namer(names);
  const { rules: wanted, lines } = compileWithin(rules, imports);
  const rowOf = new Map(rows.map((row) => [row.id, row]));
  const sourceOf = new Map(rules.map((rule) => [rule.id, rule]));
  const lineOf = (line: CoverageLine, parts: NativePartView[]): CoverageLineView => {
    const setting = sourceOf.get(line.ruleId)?.native;
    const { memberIds, departmentIds } = setting ?? unmarked;
    return {
      ...line,
      isMarked: setting !== undefined,
      semantics: [...line.semantics],
      gaps: [...line.gaps],
      range: nameRange({ memberIds, departmentIds }),
      parts,
    };
  };
  const marked = lines.map((line) => {
    const parts = wanted.filter(({ ruleId }) => ruleId === line.ruleId);
    return lineOf(
      line,
      parts.map((part) => viewPart(part, rowOf.get(part.key), nameRange)),
    );
  });
  const others = rules
    .filter(({ native }) => native === undefined)
    .flatMap((rule) => {
      const alone = { takenRules: 0, takenNames: [] };
      return compileNative([{ ...rule, native: unmarked }], alone).lines;
    })
    .map((line) => lineOf(line, []));
  return {
    lines: [...marked, ...others],
    imported: imports.map((row) => viewImport(row, nameRange)),
    limits: { rules: nativeLimits.rules, words: nativeLimits.words },
    usedRules: imports.length + wanted.length,
    // A request alone is no sync yet.
    sync: sync && sync.startedAtMs > 0 ? sync : null,
    isSyncing:
      sync !== null && (sync.finishedAtMs === null || sync.requestedAtMs > sync.startedAtMs),
  };
}

function viewPart(
  rule: NativeRule,
  row: NativeRuleRow | undefined,
  nameRange: Namer,
): NativePartView {
  const isTold = row?.state !== "in_place" || sameTexts(rule, row.told);
  const state = !row || row.state === "creating" || !isTold ? "waiting" : row.state;
  return {
    id: rule.key,
    name: rule.name,
    words: rule.words.length,
    state,
    errcode: row?.errcode ?? null,
    difference: row?.found ? differenceOf(row.told, row.found, nameRange) : null,
    isRestoring: row?.isRestoring ?? false,
  };
}

/** Whom it concerns is left out: of a rule for everybody that is known only when it is told. */
function sameTexts(rule: NativeRule, told: InterceptBody): boolean {
  return (
    rule.name === told.name &&
    rule.action === told.action &&
    sameSet(rule.words, told.words) &&
    sameSet(rule.semantics, told.semantics)
  );
}

function differenceOf(told: InterceptBody, found: InterceptBody, nameRange: Namer): DifferenceView {
  return {
    addedWords: found.words.filter((word) => !told.words.includes(word)),
    removedWords: told.words.filter((word) => !found.words.includes(word)),
    name: told.name === found.name ? null : found.name,
    action: told.action === found.action ? null : found.action,
    semantics: sameSet(told.semantics, found.semantics) ? null : [...found.semantics],
    range: sameRange(told.range, found.range) ? null : nameRange(found.range),
  };
}

function viewImport({ wecomRuleId, body, createdAtMs }: NativeImportRow, nameRange: Namer) {
  const { name, action, words, semantics, range } = body;
  return {
    wecomRuleId,
    name,
    action,
    words: [...words],
    semantics: [...semantics],
    range: nameRange(range),
    createdAtMs,
  };
}

function namer({ departments, members }: DirectoryNames): Namer {
  const departmentNames = new Map(departments.map(({ id, name }) => [id, name]));
  const memberNames = new Map(members.map(({ id, name }) => [id, name]));
  return ({ departmentIds, memberIds }) => ({
    departments: departmentIds.map((id) => departmentNames.get(id) ?? String(id)),
    members: memberIds.map((id) => memberNames.get(id) ?? id),
  });
}

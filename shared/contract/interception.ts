import { z } from "zod";
import { valueKinds } from "#shared/rules/value-span";
import { nativeActions, nativeSemantics } from "../rules/native/native-rule.ts";
import { ruleLevel, variantStrength } from "./rule.ts";

const texts = z.array(z.string());
const namedRange = z.object({
  /** Names of departments and members; both empty: everybody who can see the app. */
  departments: texts,
  members: texts,
});

/** See `CoverageGap` in shared/rules/native/express.ts. */
export const coverageGap = z.discriminatedUnion("kind", [
  z.object({ kind: z.enum(["customer", "confidential", "customer_side", "confidential_told"]) }),
  z.object({ kind: z.literal("condition"), parts: texts.readonly() }),
  z.object({ kind: z.literal("values"), values: z.array(z.enum(valueKinds)).readonly() }),
  z.object({
    kind: z.enum(["exceptions", "too_long", "wider", "placeholder"]),
    words: texts.readonly(),
  }),
  z.object({ kind: z.literal("no_room"), words: z.number().int() }),
  z.object({ kind: z.literal("variants"), strength: variantStrength }),
]);
export type CoverageGapView = z.infer<typeof coverageGap>;

/** What WeCom's console shows where it is not what we told. */
const difference = z.object({
  addedWords: texts,
  removedWords: texts,
  /** Their present values, where they differ. */
  name: z.string().nullable(),
  action: z.enum(nativeActions).nullable(),
  semantics: z.array(z.enum(nativeSemantics)).nullable(),
  range: namedRange.nullable(),
});
export type DifferenceView = z.infer<typeof difference>;

export const nativeState = z.enum(["waiting", "in_place", "changed", "deleted", "refused"]);
export type NativeState = z.infer<typeof nativeState>;

const nativePart = z.object({
  id: z.string(),
  name: z.string(),
  words: z.number().int(),
  state: nativeState,
  /** WeCom's code, when refused. */
  errcode: z.number().int().nullable(),
  difference: difference.nullable(),
  /** Ours is being put back. */
  isRestoring: z.boolean(),
});
export type NativePartView = z.infer<typeof nativePart>;

export const coverageLine = z.object({
  ruleId: z.string(),
  title: z.string(),
  level: ruleLevel,
  /** Handed to WeCom; otherwise the line says what would be. */
  isMarked: z.boolean(),
  action: z.enum(nativeActions),
  coverage: z.enum(["full", "partial", "none"]),
  toldWords: z.number().int(),
  wordCount: z.number().int(),
  semantics: z.array(z.enum(nativeSemantics)),
  range: namedRange,
  gaps: z.array(coverageGap),
  /** The rules in WeCom that it takes; more than one when it has many words. */
  parts: z.array(nativePart),
});
export type CoverageLineView = z.infer<typeof coverageLine>;

/** Made by others; we only read it. */
export const importedRule = z.object({
  wecomRuleId: z.string(),
  name: z.string(),
  action: z.enum(nativeActions),
  words: texts,
  semantics: z.array(z.enum(nativeSemantics)),
  range: namedRange,
  createdAtMs: z.number(),
});
export type ImportedRuleView = z.infer<typeof importedRule>;

/** GET /api/admin/interception */
export const interceptionView = z.object({
  lines: z.array(coverageLine),
  imported: z.array(importedRule),
  limits: z.object({ rules: z.number().int(), words: z.number().int() }),
  /** Rules of the corp in WeCom once all is told: ours and others'. */
  usedRules: z.number().int(),
  /** Null before the first one. */
  sync: z
    .object({
      startedAtMs: z.number(),
      finishedAtMs: z.number().nullable(),
      done: z.number().int(),
      total: z.number().int(),
      /** WeCom's code; 0: no answer. */
      errcode: z.number().int().nullable(),
    })
    .nullable(),
  /** Waiting for its turn or under way. */
  isSyncing: z.boolean(),
});
export type InterceptionView = z.infer<typeof interceptionView>;

/** POST /api/admin/interception/sync → InterceptionView. POST /api/admin/interception/parts/:id/restore → the same. */
export const nativePartId = z.object({ id: z.string().min(1).max(128) });

/** GET /api/admin/interception/directory : to choose whom a rule concerns. */
export const directoryNames = z.object({
  departments: z.array(
    z.object({ id: z.number().int(), parentId: z.number().int(), name: z.string() }),
  ),
  members: z.array(z.object({ id: z.string(), name: z.string() })),
});
export type DirectoryNamesView = z.infer<typeof directoryNames>;

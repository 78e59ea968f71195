import type { NativeRange, NativeRule } from "#shared/rules/native/native-rule";
import type { InterceptBody } from "../../wecom/intercept-rules.ts";

/** A compiled rule as it is sent: where nobody is named, everybody who can see the app. */
export function bodyOf(rule: NativeRule, visible: NativeRange): InterceptBody {
  const { name, words, semantics, action, range } = rule;
  const isEverybody = range.memberIds.length + range.departmentIds.length === 0;
  return { name, words, semantics, action, range: isEverybody ? visible : range };
}

/** The order of lists says nothing. */
export function sameBody(a: InterceptBody, b: InterceptBody | null): boolean {
  return (
    b !== null &&
    a.name === b.name &&
    a.action === b.action &&
    sameSet(a.words, b.words) &&
    sameSet(a.semantics, b.semantics) &&
    sameRange(a.range, b.range)
  );
}

export function sameRange(a: NativeRange, b: NativeRange): boolean {
  return sameSet(a.memberIds, b.memberIds) && sameSet(a.departmentIds, b.departmentIds);
}

export function sameSet<T>(a: readonly T[], b: readonly T[]): boolean {
  const [one, other] = [new Set(a), new Set(b)];
  return one.size === other.size && [...one].every((item) => other.has(item));
}

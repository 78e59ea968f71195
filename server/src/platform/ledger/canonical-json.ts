/** What may stand in a hashed record: no fractions, whose text differs between languages. */
export type CanonicalValue =
  string | number | boolean | null | readonly CanonicalValue[] | CanonicalObject;

export interface CanonicalObject {
  readonly [name: string]: CanonicalValue;
}

/**
 * One text for one value, whoever writes it down: names in the order of their UTF-16 units, no white space, whole
 * numbers only (a subset of RFC 8785).
 */
export function canonicalJson(value: CanonicalValue): string {
  if (Array.isArray(value)) {
    return `[${(value as readonly CanonicalValue[]).map(canonicalJson).join(",")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value as CanonicalObject)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
    return `{${members.join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new Error("only whole numbers can be put down in one way");
  }
  return JSON.stringify(value);
}

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
    const object = value as CanonicalObject;
    let members = "";
    // Put together as it goes: it runs three times for each message.
    for (const name of Object.keys(object).sort()) {
      const comma = members === "" ? "" : ",";
      members += `${comma}${JSON.stringify(name)}:${canonicalJson(object[name] ?? null)}`;
    }
    return `{${members}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new Error("only whole numbers can be put down in one way");
  }
  return JSON.stringify(value);
}

/** Reading of JSON whose shape nobody promises: a field that is missing or odd reads as empty. */
export type WireRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is WireRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Own fields only: `constructor` and `__proto__` are names like any other. */
export function readField(record: WireRecord, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Numbers come as text at times and the other way round. "" when there is neither. */
export function readText(record: WireRecord, name: string): string {
  const value = readField(record, name);
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** 0 when there is no number. */
export function readNumber(record: WireRecord, name: string): number {
  const value = Number(readText(record, name));
  return Number.isFinite(value) ? value : 0;
}

export function readList(record: WireRecord, name: string): readonly unknown[] {
  const value = readField(record, name);
  return Array.isArray(value) ? value : [];
}

/** Undefined when the text is no JSON. Unescaped control characters, which occur in chats, become spaces. */
export function parseLeniently(text: string): unknown {
  return parse(text) ?? parse(text.replace(/\p{Cc}/gu, " "));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Seconds are seen where milliseconds are documented: 10^11 seconds lie in the year 5138. */
export function toEpochMs(time: number): number {
  return Math.trunc(time < 1e11 ? time * 1000 : time);
}

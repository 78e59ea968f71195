import type { SecretKind } from "../corp.ts";
import type { World } from "../world.ts";
import { WecomError } from "./wecom-error.ts";

export type Fields = Record<string, unknown>;

/** One call as a handler sees it: signature of the caller checked, body parsed. */
export interface ApiCall {
  query: URLSearchParams;
  body: Fields;
  rawBody: string;
  header: (name: string) => string;
  setHeader: (name: string, value: string) => void;
  /** Address of the caller. */
  ip: string;
  /** Whose secret the token belongs to; null where no token is asked for. */
  kind: SecretKind | null;
}

/** Answers the fields beside `errcode` and `errmsg`; refuses by throwing a WecomError. */
export type Handler = (call: ApiCall, world: World) => Fields;

export interface Endpoint {
  /** Below `/cgi-bin`. */
  path: string;
  method: "GET" | "POST";
  /** Whose tokens may call it; `none` needs no token. */
  allowed: readonly SecretKind[] | "none";
  handler: Handler;
}

/** A text parameter that must be there and not be empty. */
export function requireText(fields: Fields, name: string, errcode = 40063): string {
  const value = fields[name];
  if (value === undefined || value === null || value === "") {
    throw new WecomError(errcode, errcode === 40063 ? `missing parameter ${name}` : undefined);
  }
  if (typeof value !== "string") throw new WecomError(40058, `${name} is not a string`);
  return value;
}

export function readText(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new WecomError(40058, `${name} is not a string`);
  return value;
}

export function readNumber(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw new WecomError(40058, `${name} is not an integer`);
  }
  return value;
}

/** A list of texts; missing is empty. */
export function readTexts(fields: Fields, name: string): string[] {
  const value = fields[name] ?? [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
    throw new WecomError(40058, `${name} is not a list of strings`);
  }
  return value;
}

/** A list of integers; missing is empty. */
export function readNumbers(fields: Fields, name: string): number[] {
  const value = fields[name] ?? [];
  if (!Array.isArray(value) || !value.every((item) => Number.isInteger(item))) {
    throw new WecomError(40058, `${name} is not a list of integers`);
  }
  return value as number[];
}

/** A nested object; missing is empty. */
export function readFields(fields: Fields, name: string): Fields {
  const value = fields[name] ?? {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new WecomError(40058, `${name} is not an object`);
  }
  return value as Fields;
}

/** A list of objects; missing is empty. */
export function readFieldsList(fields: Fields, name: string): Fields[] {
  const value = fields[name] ?? [];
  if (!Array.isArray(value) || value.some((item) => typeof item !== "object" || item === null)) {
    throw new WecomError(40058, `${name} is not a list of objects`);
  }
  return value as Fields[];
}

/** An opaque cursor over a list: the position of the next item. */
export function readPage<Item>(
  items: readonly Item[],
  cursor: string,
  limit: number,
): { page: Item[]; nextCursor: string } {
  const start = cursor === "" ? 0 : Number(Buffer.from(cursor, "base64url").toString().slice(4));
  if (!Number.isInteger(start) || start < 0 || start > items.length) throw new WecomError(50100);
  const end = start + limit;
  const nextCursor = end < items.length ? Buffer.from(`next${end}`).toString("base64url") : "";
  return { page: items.slice(start, end), nextCursor };
}

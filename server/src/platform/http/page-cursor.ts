import { AppError } from "./app-error.ts";

/** Where a page of a list ended that is sorted by time, then by id. */
export interface PageCursor {
  atMs: number;
  id: string;
}

/** `<atMs>.<id>`; callers pass it back unread. */
export function formatPageCursor({ atMs, id }: PageCursor): string {
  return `${atMs}.${id}`;
}

/** Throws `invalid_request` for what none of our pages said. */
export function parsePageCursor(cursor: string): PageCursor {
  const [, atMs, id] = /^(\d{1,16})\.(.+)$/.exec(cursor) ?? [];
  if (atMs === undefined || id === undefined) throw new AppError("invalid_request");
  return { atMs: Number(atMs), id };
}

import { nameOfAct } from "#shared/acts";
import { maxAuditLines } from "#shared/contract/audit";
import type { AuditEntry, AuditFilter, AuditPage } from "#shared/contract/audit";
import { toCsv } from "../../platform/csv.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { entryColumns, toPlacedEntry } from "../../platform/ledger/entries.ts";
import type { EntryRow, PlacedEntry } from "../../platform/ledger/entries.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import {
  formatShanghaiTime,
  parseShanghaiDay,
  startOfShanghaiDay,
} from "../../platform/shanghai-day.ts";
import { sayDetails } from "./act-details.ts";

/** The record of acts, for those who look after it. No content stands in it, and none is opened. */
export interface Audit {
  list(filter: AuditFilter, cursor?: number): Promise<AuditPage>;
  /** All that the filter leaves, as a file; goes on record itself. */
  csv(filter: AuditFilter, actorId: string): Promise<string>;
}

interface Deps {
  database: Database;
  clock: Clock;
  namesOf(memberIds: readonly string[]): Promise<Map<string, string>>;
  /** Members whose name holds the text. */
  findByName(text: string): Promise<string[]>;
  /** Object → what was written as the reason. */
  reasonsOf(entries: readonly PlacedEntry[]): Promise<Map<string, string>>;
}

const PAGE = 50;
const CSV_STEP = 1000;
const SYSTEM = "系统";

const headers = ["序号", "时间（北京时间）", "人员", "账号", "事项", "对象", "理由", "明细"];

export function createAudit(deps: Deps): Audit {
  const { database, clock } = deps;

  async function conditionOf(filter: AuditFilter): Promise<{ sql: string; values: unknown[] }> {
    const parts: { sql: string; values: unknown[] }[] = [];
    const { who, object, objectId, fromDay, toDay } = filter;
    if (who) {
      const ids = [who, ...(SYSTEM.includes(who) ? ["system"] : await deps.findByName(who))];
      parts.push({ sql: `actor_id IN (${ids.map(() => "?").join(", ")})`, values: ids });
    }
    if (object) parts.push({ sql: "kind LIKE ?", values: [`${object}.%`] });
    if (objectId) parts.push({ sql: "object_id = ?", values: [objectId] });
    if (fromDay) parts.push({ sql: "at_ms >= ?", values: [startOf(fromDay, 0)] });
    if (toDay) parts.push({ sql: "at_ms < ?", values: [startOf(toDay, 1)] });
    return {
      sql: parts.map(({ sql }) => ` AND ${sql}`).join(""),
      values: parts.flatMap(({ values }) => values),
    };
  }

  async function read(filter: AuditFilter, before: number, limit: number): Promise<PlacedEntry[]> {
    const { sql, values } = await conditionOf(filter);
    const rows = await database.read.query<EntryRow[]>(
      `SELECT ${entryColumns} FROM ledger_entry WHERE position < ?${sql}
       ORDER BY position DESC LIMIT ${limit}`,
      [before, ...values],
    );
    return rows.map(toPlacedEntry);
  }

  async function present(entries: readonly PlacedEntry[]): Promise<AuditEntry[]> {
    const [names, reasons] = await Promise.all([
      deps.namesOf([...new Set(entries.map(({ actorId }) => actorId))]),
      deps.reasonsOf(entries),
    ]);
    return entries.map(({ position, atMs, actorId, kind, objectId, details }) => ({
      position,
      atMs,
      actorId,
      actorName: actorId === "system" ? SYSTEM : (names.get(actorId) ?? actorId),
      act: nameOfAct(kind),
      objectId,
      why: reasons.get(objectId) ?? null,
      details: sayDetails(details),
    }));
  }

  return {
    async list(filter, cursor = Number.MAX_SAFE_INTEGER) {
      const found = await read(filter, cursor, PAGE + 1);
      const page = found.slice(0, PAGE);
      return {
        entries: await present(page),
        nextCursor: found.length > PAGE ? (page.at(-1)?.position ?? null) : null,
      };
    },

    async csv(filter, actorId) {
      const lines: string[][] = [headers];
      let before = Number.MAX_SAFE_INTEGER;
      while (lines.length <= maxAuditLines) {
        const found = await read(filter, before, CSV_STEP);
        lines.push(...(await present(found)).map(toLine));
        before = found.at(-1)?.position ?? 0;
        if (found.length < CSV_STEP) break;
      }
      if (lines.length > maxAuditLines) {
        lines.push([`只列出最近的 ${lines.length - 1} 条，请缩小日期范围再导出其余的。`]);
      }
      // On record before it leaves.
      await database.write((tx) => {
        recordEntry(tx, {
          kind: "audit.exported",
          actorId,
          objectId: "audit",
          atMs: clock.now(),
          details: { lines: lines.length - 1 },
        });
        return Promise.resolve();
      });
      return toCsv(lines);
    },
  };
}

function toLine(entry: AuditEntry): string[] {
  return [
    String(entry.position),
    formatShanghaiTime(entry.atMs),
    entry.actorName,
    entry.actorId,
    entry.act,
    entry.objectId,
    entry.why ?? "",
    entry.details,
  ];
}

function startOf(text: string, later: 0 | 1): number {
  const day = parseShanghaiDay(text);
  if (Number.isNaN(day)) throw new AppError("invalid_request", { fromDay: "没有这一天" });
  return startOfShanghaiDay(day + later);
}

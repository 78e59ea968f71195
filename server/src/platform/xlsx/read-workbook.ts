import { XMLParser } from "fast-xml-parser";
import { fromXmlText, readCellName } from "./xlsx-text.ts";
import { readZip, ZipError } from "./zip.ts";

export interface SheetCell {
  /** As `B7`. */
  name: string;
  text: string;
  /** Only texts and plain numbers are what they look like. */
  problem: "formula" | "error" | null;
}

/** Row, from 1 → column, from 0 → cell; empty ones are missing. */
export type SheetRows = Map<number, Map<number, SheetCell>>;

export interface WorkbookLimits {
  bytes: number;
  rows: number;
  columns: number;
}

/** The file is no workbook, or a larger one than is taken. */
export class WorkbookError extends Error {
  override name = "WorkbookError";

  constructor(readonly reason: "unreadable" | "too_large") {
    super(reason);
  }
}

const MAX_ENTRIES = 500;
/** Workbooks nest about ten deep. */
const MAX_DEPTH = 32;
const lists = new Set(["row", "c", "sheet", "Relationship", "si", "r"]);

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  removeNSPrefix: true,
  parseTagValue: false,
  trimValues: false,
  processEntities: false,
  alwaysCreateTextNode: true,
  maxNestedTags: MAX_DEPTH,
  isArray: (name, _path, _isLeaf, isAttribute) => !isAttribute && lists.has(name),
});

interface XmlNode {
  readonly "#text"?: string;
  readonly [name: string]: string | XmlNode | readonly XmlNode[] | undefined;
}

/** The sheets with these names; others are not looked at. */
export function readWorkbook(
  file: Buffer,
  names: readonly string[],
  limits: WorkbookLimits,
): Map<string, SheetRows> {
  const parts = unpack(file, limits.bytes);
  const open = (name: string): XmlNode => parse(parts.get(name));
  const targets = new Map(
    listOf(child(open("xl/_rels/workbook.xml.rels"), "Relationships"), "Relationship").map(
      (one) => [attribute(one, "Id"), partName(attribute(one, "Target"))],
    ),
  );
  const shared = parts.has("xl/sharedStrings.xml")
    ? listOf(child(open("xl/sharedStrings.xml"), "sst"), "si").map(textOf)
    : [];
  const sheets = child(child(open("xl/workbook.xml"), "workbook"), "sheets");
  const found = new Map<string, SheetRows>();
  for (const sheet of listOf(sheets, "sheet")) {
    const name = fromXmlText(attribute(sheet, "name"));
    const part = targets.get(attribute(sheet, "id"));
    if (!names.includes(name) || part === undefined) continue;
    found.set(name, readSheet(open(part), shared, limits));
  }
  return found;
}

function unpack(file: Buffer, bytes: number): Map<string, Buffer> {
  try {
    const isText = (name: string): boolean => /^xl\/.*\.(xml|rels)$/.test(name);
    const wants = (name: string) => isText(name) && !/^xl\/(theme|drawings|media)\//.test(name);
    return readZip(file, wants, { entries: MAX_ENTRIES, bytes });
  } catch (error) {
    if (!(error instanceof ZipError)) throw error;
    throw new WorkbookError(/too (large|many)/.test(error.message) ? "too_large" : "unreadable");
  }
}

function parse(part: Buffer | undefined): XmlNode {
  const xml = part?.toString("utf8") ?? "";
  // Workbooks have none, and entities defined in one could unfold to anything.
  if (xml === "" || /<!DOCTYPE/i.test(xml)) throw new WorkbookError("unreadable");
  try {
    return parser.parse(xml) as XmlNode;
  } catch {
    throw new WorkbookError("unreadable");
  }
}

function readSheet(xml: XmlNode, shared: readonly string[], limits: WorkbookLimits): SheetRows {
  const rows: SheetRows = new Map();
  for (const row of listOf(child(child(xml, "worksheet"), "sheetData"), "row")) {
    for (const one of listOf(row, "c")) {
      const place = readCellName(attribute(one, "r"));
      if (!place) throw new WorkbookError("unreadable");
      const cell = readCell(one, shared);
      if (cell.text === "" && cell.problem === null) continue;
      if (place.row > limits.rows) throw new WorkbookError("too_large");
      // Notes beside the table are nobody's business.
      if (place.column >= limits.columns) continue;
      const cells = rows.get(place.row) ?? new Map<number, SheetCell>();
      rows.set(place.row, cells.set(place.column, cell));
    }
  }
  return rows;
}

function readCell(cell: XmlNode, shared: readonly string[]): SheetCell {
  const name = attribute(cell, "r");
  const type = attribute(cell, "t");
  const value = fromXmlText(child(cell, "v")["#text"] ?? "");
  const problem = cell["f"] !== undefined ? "formula" : type === "e" ? "error" : null;
  if (type === "inlineStr") return { name, text: textOf(child(cell, "is")), problem };
  return { name, text: type === "s" ? (shared[Number(value)] ?? "") : value, problem };
}

/** A text, or the runs of a formatted one. */
function textOf(node: XmlNode): string {
  const runs = listOf(node, "r").map((run) => child(run, "t")["#text"] ?? "");
  return fromXmlText([child(node, "t")["#text"] ?? "", ...runs].join(""));
}

function partName(target: string): string {
  return target.startsWith("/") ? target.slice(1) : `xl/${target.replace(/^\.\//, "")}`;
}

function child(node: XmlNode, name: string): XmlNode {
  const value = node[name];
  return typeof value === "object" && !Array.isArray(value) ? (value as XmlNode) : {};
}

function listOf(node: XmlNode, name: string): readonly XmlNode[] {
  const value = node[name];
  return Array.isArray(value) ? (value as readonly XmlNode[]) : [];
}

function attribute(node: XmlNode, name: string): string {
  const value = node[name];
  return typeof value === "string" ? value : "";
}

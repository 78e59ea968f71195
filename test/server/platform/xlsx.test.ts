import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { readWorkbook, WorkbookError } from "../../../server/src/platform/xlsx/read-workbook.ts";
import type { SheetCell } from "../../../server/src/platform/xlsx/read-workbook.ts";
import { writeWorkbook } from "../../../server/src/platform/xlsx/write-workbook.ts";
import { readZip, writeZip } from "../../../server/src/platform/xlsx/zip.ts";

const limits = { bytes: 1024 * 1024, rows: 1000, columns: 10 };
const everything = { entries: 100, bytes: 10 * 1024 * 1024 };

function write(rows: readonly (readonly string[])[]): Buffer {
  return writeWorkbook([{ name: "词", widths: [10, 10], rows }]);
}

function read(file: Buffer): SheetCell[][] {
  const rows = readWorkbook(file, ["词"], limits).get("词")!;
  return [...rows.values()].map((cells) => [...cells.values()]);
}

/** A workbook with this sheet, made by hand. */
function withSheet(sheet: string, more: readonly (readonly [string, string])[] = []): Buffer {
  const parts = readZip(write([["x"]]), () => true, everything);
  const entries = [...parts].map(([name, content]) => [name, content.toString()] as const);
  const others = entries.filter(([name]) => name !== "xl/worksheets/sheet1.xml");
  return writeZip([...others, ["xl/worksheets/sheet1.xml", sheet], ...more]);
}

function reasonOf(file: Buffer): string {
  try {
    read(file);
    return "none";
  } catch (error) {
    if (error instanceof WorkbookError) return error.reason;
    throw error;
  }
}

describe("a workbook", () => {
  it("comes back as it was written, whatever the texts are", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", minLength: 1 }),
      fc.constantFrom("=1+1", "_x0041_", "a\r\nb", "\u0000", "\ud800", "<&>\"'", " 　", "😀"),
    );
    fc.assert(
      fc.property(fc.array(fc.array(text, { minLength: 1, maxLength: 4 })), (rows) => {
        const back = read(write(rows));
        expect(back.map((cells) => cells.map((cell) => cell.text))).toEqual(rows);
      }),
      { numRuns: 200 },
    );
  });

  it("holds texts alone: what looks like a formula is none", () => {
    const hostile = ['=HYPERLINK("http://evil")', "+1", "-1", "@SUM(A1)", "\t=1", "＝1"];
    const parts = readZip(write([hostile]), () => true, everything);
    const sheet = parts.get("xl/worksheets/sheet1.xml")!.toString();
    expect(sheet).not.toMatch(/<f[ >]/);
    expect(sheet.match(/<c [^>]*t="inlineStr"/g)).toHaveLength(hostile.length);
  });

  it("names formulas and errors, and reads shared, formatted and plain cells", () => {
    const sheet =
      '<worksheet><sheetData><row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="e"><v>#N/A</v></c>' +
      '<c r="C1" t="s"><v>0</v></c><c r="D1"><v>110</v></c></row></sheetData></worksheet>';
    const shared = "<sst><si><r><t>保</t></r><r><t>本 &amp; &#24687;</t></r></si></sst>";
    expect(read(withSheet(sheet, [["xl/sharedStrings.xml", shared]]))).toEqual([
      [
        { name: "A1", text: "2", problem: "formula" },
        { name: "B1", text: "#N/A", problem: "error" },
        { name: "C1", text: "保本 & 息", problem: null },
        { name: "D1", text: "110", problem: null },
      ],
    ]);
  });

  it("refuses what unfolds to too much, has too many rows, or is none", () => {
    const sheet = (cells: string) =>
      `<worksheet><sheetData><row>${cells}</row></sheetData></worksheet>`;
    expect(reasonOf(withSheet(sheet(" ".repeat(20 * 1024 * 1024))))).not.toBe("none");
    expect(reasonOf(withSheet(sheet('<c r="A1048576"><v>1</v></c>')))).toBe("too_large");
    expect(reasonOf(withSheet(sheet('<c r="XFD1"><v>1</v></c>')))).toBe("none");
    expect(reasonOf(withSheet(sheet('<c r="?"><v>1</v></c>')))).toBe("unreadable");
    const entity = '<!DOCTYPE x [<!ENTITY a "aaaa">]>';
    expect(reasonOf(withSheet(entity + sheet('<c r="A1"><v>&a;</v></c>')))).toBe("unreadable");
    expect(reasonOf(withSheet("<a>".repeat(10_000)))).toBe("unreadable");
    expect(reasonOf(Buffer.alloc(0))).toBe("unreadable");
    expect(reasonOf(Buffer.from("词,类型"))).toBe("unreadable");
  });

  it("never throws anything else, however a file is broken", () => {
    const file = write([["保本", "词"]]);
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.nat(255), fc.nat(file.length), (at, byte, cut) => {
        const broken = Buffer.from(file.subarray(0, cut));
        if (at < broken.length) broken[at] = byte;
        reasonOf(broken);
      }),
      { numRuns: 500 },
    );
    expect(reasonOf(deflateRawSync(file))).toBe("unreadable");
  });
});

import { columnName, toXmlText } from "./xlsx-text.ts";
import { writeZip } from "./zip.ts";

export interface SheetToWrite {
  name: string;
  /** Widths in characters; also says how many columns there are. */
  widths: readonly number[];
  /** The first row is the head. */
  rows: readonly (readonly string[])[];
}

/**
 * A workbook of texts alone. Every cell is a string with the format "text", so that nothing in it can become a
 * formula, also not when somebody edits and saves it.
 */
export function writeWorkbook(sheets: readonly SheetToWrite[]): Buffer {
  return writeZip([
    ["[Content_Types].xml", contentTypes(sheets.length)],
    ["_rels/.rels", rootRelations],
    ["xl/workbook.xml", workbook(sheets)],
    ["xl/_rels/workbook.xml.rels", workbookRelations(sheets.length)],
    ["xl/styles.xml", styles],
    ...sheets.map((one, index) => [`xl/worksheets/sheet${index + 1}.xml`, sheet(one)] as const),
  ]);
}

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const spreadsheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const packaging = "http://schemas.openxmlformats.org/package/2006";
const relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const types = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/** Style 1: the built-in format 49, text. Style 2: the same in bold. */
const styles =
  `${head}<styleSheet xmlns="${spreadsheet}"><fonts count="2"><font><sz val="11"/></font>` +
  `<font><b/><sz val="11"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill>` +
  `<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>` +
  `<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf xfId="0"/>` +
  `<xf xfId="0" numFmtId="49" applyNumberFormat="1"/>` +
  `<xf xfId="0" numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/></cellXfs></styleSheet>`;

const rootRelations =
  `${head}<Relationships xmlns="${packaging}/relationships"><Relationship Id="rId1" ` +
  `Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`;

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function contentTypes(count: number): string {
  const sheets = numbers(count).map(
    (one) =>
      `<Override PartName="/xl/worksheets/sheet${one}.xml" ContentType="${types}.worksheet+xml"/>`,
  );
  return (
    `${head}<Types xmlns="${packaging}/content-types">` +
    `<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
    `<Default Extension="xml" ContentType="application/xml"/>` +
    `<Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/>` +
    `<Override PartName="/xl/styles.xml" ContentType="${types}.styles+xml"/>${sheets.join("")}</Types>`
  );
}

function workbook(sheets: readonly SheetToWrite[]): string {
  const list = sheets.map(
    ({ name }, index) =>
      `<sheet name="${toXmlText(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`,
  );
  return `${head}<workbook xmlns="${spreadsheet}" xmlns:r="${relations}"><sheets>${list.join("")}</sheets></workbook>`;
}

function workbookRelations(count: number): string {
  const list = numbers(count).map(
    (one) =>
      `<Relationship Id="rId${one}" Type="${relations}/worksheet" Target="worksheets/sheet${one}.xml"/>`,
  );
  const style = `<Relationship Id="rId${count + 1}" Type="${relations}/styles" Target="styles.xml"/>`;
  return `${head}<Relationships xmlns="${packaging}/relationships">${list.join("")}${style}</Relationships>`;
}

function sheet({ widths, rows }: SheetToWrite): string {
  const columns = widths.map(
    (width, index) =>
      `<col min="${index + 1}" max="${index + 1}" width="${width}" style="1" customWidth="1"/>`,
  );
  const lines = rows.map((cells, row) => {
    const line = cells.map((text, column) =>
      cell(text, `${columnName(column)}${row + 1}`, row === 0),
    );
    return `<row r="${row + 1}">${line.join("")}</row>`;
  });
  return (
    `${head}<worksheet xmlns="${spreadsheet}"><sheetViews><sheetView workbookViewId="0">` +
    `<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>` +
    `<cols>${columns.join("")}</cols><sheetData>${lines.join("")}</sheetData></worksheet>`
  );
}

function cell(text: string, name: string, isHead: boolean): string {
  if (text === "") return "";
  const style = isHead ? 2 : 1;
  return `<c r="${name}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${toXmlText(text)}</t></is></c>`;
}

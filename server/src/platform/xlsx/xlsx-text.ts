/** Texts as they stand in a workbook's XML. */

/** Characters that XML cannot hold, and texts that look like their replacement. */
// eslint-disable-next-line no-control-regex -- just those are meant
const unspeakable = /[\u0000-\u0008\u000b-\u001f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)/gu;

/** Excel writes such a character as `_x` and its number in hex: `_x0000_`. */
export function toXmlText(text: string): string {
  return text
    .replace(unspeakable, (unit) => `_x${unit.charCodeAt(0).toString(16).padStart(4, "0")}_`)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

const names: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  amp: "&",
  quot: '"',
  apos: "'",
};

export function fromXmlText(text: string): string {
  return text
    .replace(
      /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]{2,4}));/gi,
      (whole, hex, decimal, name) => {
        if (typeof name === "string") return names[name] ?? whole;
        const code = typeof hex === "string" ? Number.parseInt(hex, 16) : Number(decimal);
        return code <= 0x10ffff ? String.fromCodePoint(code) : "";
      },
    )
    .replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
}

/** 0 → A, 25 → Z, 26 → AA. */
export function columnName(column: number): string {
  const rest = Math.floor(column / 26);
  return (rest > 0 ? columnName(rest - 1) : "") + String.fromCharCode(65 + (column % 26));
}

/** `AB12` → its column, from 0, and row, from 1; undefined when it is no cell's name. */
export function readCellName(name: string): { column: number; row: number } | undefined {
  const [, letters, digits] = /^([A-Z]{1,3})([0-9]{1,7})$/.exec(name) ?? [];
  if (letters === undefined || digits === undefined) return undefined;
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return { column: column - 1, row: Number(digits) };
}

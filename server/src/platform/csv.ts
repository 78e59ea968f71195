/** Excel takes these, and their full-width forms, for the beginning of a formula. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** A file that Excel opens as UTF-8, every value as text and none as a formula. */
export function toCsv(lines: readonly (readonly string[])[]): string {
  const text = lines.map((line) => line.map(quote).join(",")).join("\r\n");
  return `\uFEFF${text}\r\n`;
}

function quote(value: string): string {
  const harmless = FORMULA.test(value) ? `'${value}` : value;
  return `"${harmless.replaceAll('"', '""')}"`;
}

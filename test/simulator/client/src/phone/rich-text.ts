/**
 * The small formatting that app messages know (WeCom document 90236), as data: the page binds it as
 * text, never as markup.
 */
export interface Span {
  text: string;
  look: "plain" | "bold" | "code" | "info" | "comment" | "warning" | "gray" | "highlight";
  /** Empty when the span is no link. */
  url: string;
}

export interface Line {
  look: "normal" | "heading" | "quote";
  spans: Span[];
}

type Reader = (groups: string[]) => Span;

const plain = (text: string): Span => ({ text, look: "plain", url: "" });

const anchor: [RegExp, Reader] = [
  /<a\s+href=["']([^"']*)["'][^>]*>([^<]*)<\/a>/,
  ([url = "", text = ""]) => ({ text, look: "plain", url }),
];

const markdownMarks: [RegExp, Reader][] = [
  [/\*\*(.+?)\*\*/, ([text = ""]) => ({ text, look: "bold", url: "" })],
  [/`([^`]+)`/, ([text = ""]) => ({ text, look: "code", url: "" })],
  [/\[([^\]]+)\]\(([^)\s]+)\)/, ([text = "", url = ""]) => ({ text, look: "plain", url })],
  [
    /<font\s+color=["'](info|comment|warning)["']>(.*?)<\/font>/,
    ([look, text = ""]) => ({ text, look: look as "info" | "comment" | "warning", url: "" }),
  ],
];

const cardMarks: [RegExp, Reader][] = [
  [
    /<div\s+class=["'](gray|normal|highlight)["']>(.*?)<\/div>/,
    ([look, text = ""]) => ({
      text,
      look: look === "normal" ? "plain" : (look as "gray" | "highlight"),
      url: "",
    }),
  ],
];

/** A text message: lines and `<a href>`. */
export const readText = (source: string): Line[] => readLines(source, [anchor]);

/** A text card's description: `<br>` and div of the classes gray, normal and highlight. */
export const readCardText = (source: string): Line[] =>
  readLines(
    source.replace(/<br\s*\/?>|<\/div>(?=<div)/g, (mark) => `${mark}\n`),
    cardMarks,
  ).map((line) => ({
    ...line,
    spans: line.spans.map((span) => ({ ...span, text: span.text.replace(/<br\s*\/?>/g, "") })),
  }));

/** The Markdown subset: headings, quotes, bold, inline code, links, three font colours. */
export function readMarkdown(source: string): Line[] {
  return source.split("\n").map((line) => {
    const [, hashes, rest] = /^(#{1,6}\s+|>\s?)?(.*)$/.exec(line) ?? [];
    const look = !hashes ? "normal" : hashes.startsWith("#") ? "heading" : "quote";
    return { look, spans: readSpans(rest ?? "", markdownMarks) };
  });
}

function readLines(source: string, marks: [RegExp, Reader][]): Line[] {
  return source.split("\n").map((line) => ({ look: "normal", spans: readSpans(line, marks) }));
}

/** The earliest mark wins; what lies before and after it is read again. */
function readSpans(source: string, marks: [RegExp, Reader][]): Span[] {
  let earliest: { at: number; length: number; span: Span } | undefined;
  for (const [pattern, read] of marks) {
    const match = pattern.exec(source);
    if (!match || (earliest && match.index >= earliest.at)) continue;
    earliest = { at: match.index, length: match[0].length, span: read(match.slice(1)) };
  }
  if (!earliest) return source ? [plain(source)] : [];
  const before = source.slice(0, earliest.at);
  const after = source.slice(earliest.at + earliest.length);
  return [...(before ? [plain(before)] : []), earliest.span, ...readSpans(after, marks)];
}

/** The pages that a sign-in may lead to. */
const PREFIXES = ["/sidebar/", "/manager/", "/admin/"];
/** Cannot be reached; only there to see what a browser would make of the text. */
const BASE = "https://own.invalid";
const MAX_LENGTH = 512;

/**
 * True for a path of our own pages, written exactly as a browser would write it. Whatever a browser would
 * read differently (`//host`, `\`, `..`, tabs, encoded dots) is refused instead of repaired.
 */
export function isOwnPage(text: string): boolean {
  if (text.length > MAX_LENGTH || !URL.canParse(text, BASE)) return false;
  const url = new URL(text, BASE);
  return (
    url.origin === BASE &&
    text === `${url.pathname}${url.search}` &&
    PREFIXES.some((prefix) => url.pathname.startsWith(prefix)) &&
    // A later decoder must not find a second address in it.
    !/\/\/|\\|%5c|%2f|%2e/i.test(url.pathname)
  );
}

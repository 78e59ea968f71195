/**
 * Links to anywhere but the company's own places. Domains are compared whole and in their ASCII form, so that
 * neither `evil-example.com`, `example.com.evil.cn`, `example.com@evil.cn` nor a look-alike in another script
 * passes for `example.com`.
 */
import type { ValueSpan } from "./value-span.ts";

const schemed = /https?:\/\/[^\s"'<>，。！？；：、（）【】《》“”]{1,2000}/giu;
/** A domain without a scheme, of the endings that people meet in China. */
const bare =
  /(?<![\w@./-])(?:[a-z0-9\u4e00-\u9fff-]{1,63}\.){1,6}(?:com|cn|net|org|top|xyz|vip|cc|io|info|shop|club|site|link|app|me|tv|中国|公司|网络)(?![\w.-]*@)(?![a-z0-9-])(?:\/[^\s"'<>，。！？；：、（）【】《》“”]{0,2000})?/giu;

/** The host of a link as a browser would go there; undefined when there is none. */
export function hostOf(link: string): string | undefined {
  try {
    return new URL(/^https?:\/\//i.test(link) ? link : `http://${link}`).hostname.replace(
      /\.$/,
      "",
    );
  } catch {
    return undefined;
  }
}

export function isAllowedHost(host: string, allowedDomains: readonly string[]): boolean {
  return allowedDomains.some((one) => {
    const domain = hostOf(one);
    return domain !== undefined && (host === domain || host.endsWith(`.${domain}`));
  });
}

export function findLinks(text: string, allowedDomains: readonly string[]): ValueSpan[] {
  // Nearly no text has one, and this is asked of all.
  if (!text.includes(".") && !text.includes("://")) return [];
  const links: ValueSpan[] = [];
  for (const { 0: value, index: start } of text.matchAll(schemed)) {
    links.push({ start, end: start + value.length, value });
  }
  // Inside a link with a scheme there is no other, so the rest is looked through for bare ones.
  const rest = text.replaceAll(schemed, (link) => " ".repeat(link.length));
  for (const { 0: value, index: start } of rest.matchAll(bare)) {
    links.push({ start, end: start + value.length, value });
  }
  return links
    .filter(({ value }) => {
      const host = hostOf(value);
      return host !== undefined && !isAllowedHost(host, allowedDomains);
    })
    .sort((a, b) => a.start - b.start);
}

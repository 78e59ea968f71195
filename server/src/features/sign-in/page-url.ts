import { AppError } from "../../platform/http/app-error.ts";

/**
 * The address to sign for a page of ours, without its fragment. Throws `untrusted_page` for any other: whoever
 * holds a signature may use WeCom's client from that address. The text must be written as `location.href`
 * is, so that nothing (user names, a default port, `..`) can read differently elsewhere.
 */
export function signablePage(text: string, publicUrl: string): string {
  const page = text.replace(/#.*$/s, "");
  if (!URL.canParse(page)) throw new AppError("untrusted_page");
  const url = new URL(page);
  const isOurs = url.origin === new URL(publicUrl).origin && url.href === page;
  // `href` holds the credentials, `origin` does not.
  if (!isOurs || url.username !== "" || url.password !== "") throw new AppError("untrusted_page");
  return page;
}

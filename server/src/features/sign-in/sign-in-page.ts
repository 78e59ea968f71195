import { errors } from "#shared/errors";
import type { ErrorCode } from "#shared/errors";

/** What the person can do about it; the sentence itself is the error's. */
const advice: Partial<Record<ErrorCode, string>> = {
  sign_in_failed: "登录链接只能使用一次，十分钟内有效，并且要在同一个窗口里完成。",
  not_a_member: "如果你有多个企业身份，请先在企业微信中切换到本企业。",
  member_inactive: "管理员可以在企业微信管理后台检查：成员是否启用、应用的可见范围是否包含你。",
  wecom_unreachable: "你的账号没有问题。过一两分钟再试即可。",
  wecom_refused: "请把下面的问题编号告诉管理员。",
};

/** A page of its own, since without a session there is none of the others. No script, no outside file. */
export function signInPage(
  code: ErrorCode,
  { requestId, returnTo }: { requestId: string; returnTo: string | null },
): string {
  const again =
    returnTo === null
      ? ""
      : `<p><a href="/sign-in?returnTo=${encodeURIComponent(returnTo)}">重新登录</a></p>`;
  const hint = advice[code];
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>没有登录</title>
<style>
body { margin: 0; padding: 15vh 24px 24px; color: #1f2329; background: #f5f6f7;
  font: 16px/1.7 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
main { max-width: 420px; margin: 0 auto; }
h1 { font-size: 20px; line-height: 1.5; }
a { display: inline-block; padding: 8px 24px; border-radius: 6px; color: #fff; background: #1d5fd1;
  text-decoration: none; }
small { color: #646a73; }
</style>
</head>
<body>
<main>
<h1>${escapeHtml(errors[code].text)}</h1>
${hint === undefined ? "" : `<p>${escapeHtml(hint)}</p>`}
${again}
<small>问题编号 ${escapeHtml(requestId)}</small>
</main>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

import type { World } from "./world.ts";

/** The pages that WeCom itself would show around a login: plain HTML, no script, everything escaped. */
const STYLE = `
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:#f2f4f7;color:#1f2329;
font:15px/1.6 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:760px;margin:0 auto;padding:40px 20px 56px}
header{display:flex;align-items:center;gap:12px;margin-bottom:4px}
.logo{width:36px;height:36px;border-radius:9px;background:#2b6de5;color:#fff;display:grid;
place-items:center;font-weight:600}
h1{font-size:21px;margin:0;font-weight:600}
p{margin:0 0 20px;color:#646a73}
ul{list-style:none;margin:0;padding:0;display:grid;gap:10px;
grid-template-columns:repeat(auto-fill,minmax(220px,1fr))}
button{width:100%;display:flex;align-items:center;gap:12px;padding:12px 14px;text-align:left;
background:#fff;border:1px solid #e4e7ec;border-radius:10px;font:inherit;color:inherit;cursor:pointer}
button:hover,button:focus-visible{border-color:#2b6de5;outline:none;box-shadow:0 0 0 3px #2b6de522}
.face{flex:none;width:38px;height:38px;border-radius:8px;background:#dfe8fb;color:#2456b8;
display:grid;place-items:center;font-weight:600}
.who{min-width:0;flex:1}
.name{display:block;font-weight:600}
.job{display:block;font-size:13px;color:#8a9099;white-space:nowrap;overflow:hidden;
text-overflow:ellipsis}
.mark{flex:none;font-size:12px;line-height:20px;padding:0 7px;border-radius:10px;background:#fff1e0;
color:#a85b00}
.other{margin-top:14px;max-width:360px}
code{background:#e8ebf0;border-radius:4px;padding:1px 5px;word-break:break-all}
`;

export interface Choice {
  title: string;
  intro: string;
  /** Where the choice is posted to. */
  action: string;
  /** Fields that the form carries along. */
  hidden: Record<string, string>;
  /** Offers to be somebody who is not a member, too. */
  hasOutsider: boolean;
}

/** Id of the person who is in no corp; the directory knows nobody of this name. */
export const OUTSIDER_ID = "outsider";

/** Asks who is sitting there. Admins come first and are marked. */
export function chooserPage({ directory, adminIds }: World, choice: Choice): string {
  const isAdmin = (id: string) => adminIds.includes(id);
  const members = [...directory.members].sort((a, b) => +isAdmin(b.id) - +isAdmin(a.id));
  const cards = members.map(({ id, name, position }) =>
    card(choice, id, name, position, isAdmin(id)),
  );
  const outsider = choice.hasOutsider
    ? `<div class="other">${card(choice, OUTSIDER_ID, "企业外的人", "没有加入企业的微信用户", false)}</div>`
    : "";
  return page(
    choice.title,
    `<header><span class="logo">企</span><h1>${escape(choice.title)}</h1></header>
<p>${escape(choice.intro)}</p><ul>${cards.map((item) => `<li>${item}</li>`).join("")}</ul>${outsider}`,
  );
}

/** What the client shows when a login cannot go on, with the platform's error number. */
export function refusalPage(errcode: number, reason: string, detail: string): string {
  return page(
    "无法登录",
    `<header><span class="logo">!</span><h1>无法登录</h1></header>
<p>${escape(reason)}（错误码 ${errcode}）</p><p><code>${escape(detail)}</code></p>`,
  );
}

function card(
  { action, hidden }: Choice,
  id: string,
  name: string,
  job: string,
  isAdmin: boolean,
): string {
  const fields = Object.entries({ ...hidden, member: id }).map(
    ([key, value]) => `<input type="hidden" name="${escape(key)}" value="${escape(value)}">`,
  );
  const mark = isAdmin ? '<span class="mark">管理员</span>' : "";
  return `<form method="post" action="${escape(action)}">${fields.join("")}<button>
<span class="face" aria-hidden="true">${escape(name.slice(0, 1))}</span>
<span class="who"><span class="name">${escape(name)}</span><span class="job">${escape(job)}</span></span>
${mark}</button></form>`;
}

function page(title: string, content: string): string {
  return `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escape(title)} · 影子企业</title><style>${STYLE}</style></head>
<body><main>${content}</main></body></html>`;
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

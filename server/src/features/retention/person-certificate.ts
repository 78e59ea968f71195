import type { PersonCertificate } from "#shared/contract/person-destruction";

/** The certificate as a page to print: plain, complete without anything from elsewhere, and without scripts. */
export function certificatePage({ destruction, backupsUntilMs, stays }: PersonCertificate): string {
  const { kind, held } = destruction;
  const facts: [string, string][] = [
    ["证书编号", destruction.id],
    [kind === "customer" ? "客户" : "成员", destruction.personId],
    ["申请", `${destruction.requestedBy}，${formatTime(destruction.requestedAtMs)}`],
    ["批准", `${destruction.approvedBy ?? ""}，${formatTime(destruction.approvedAtMs)}`],
    ["完成", formatTime(destruction.finishedAtMs)],
    ["销毁的消息（含文件、命中和索引）", `${destruction.messages} 条`],
    ["销毁的告警事项", `${destruction.cases} 件`],
    ["销毁的数据密钥", `${destruction.keys} 把`],
    ["因留存未销毁的消息和事项", `${held} 条`],
    ["备份", `${formatTime(backupsUntilMs)} 之前，此前做的备份里可能还有这些内容；到期后没有`],
  ];
  const title = held > 0 ? "个人数据部分销毁证明" : "个人数据销毁证明";
  const rows = facts.map(
    ([name, value]) => `<tr><th>${escape(name)}</th><td>${escape(value)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>${title}</title><style>
body { max-width: 46em; margin: 3em auto; padding: 0 1.5em; font: 15px/1.8 system-ui, sans-serif; color: #1a1a1a }
table { width: 100%; border-collapse: collapse } th, td { padding: .4em .6em; border: 1px solid #bbb; text-align: left; vertical-align: top }
th { width: 14em; font-weight: 500; background: #f5f5f5 }
</style></head><body>
<h1>${title}</h1>
<table>${rows.join("")}</table>
<h2>没有销毁的</h2>
<ul>${stays.map((line) => `<li>${escape(line)}</li>`).join("")}</ul>
<p>密钥销毁后，用它加密的内容在任何介质上都无法再读出，备份里没有到期的除外。这次销毁已记入留痕，可凭证书编号核对。</p>
</body></html>
`;
}

function escape(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
  };
  return text.replace(/[&<>"]/g, (sign) => entities[sign] ?? sign);
}

/** Asia/Shanghai. */
function formatTime(atMs: number | null): string {
  if (atMs === null) return "";
  const shanghai = new Date(atMs + 8 * 3600_000).toISOString();
  return `${shanghai.slice(0, 10)} ${shanghai.slice(11, 19)}（北京时间）`;
}

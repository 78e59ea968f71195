import { legalBasisNames } from "#shared/contract/evidence";
import { nameOfAct } from "#shared/acts";
import { formatShanghaiTime } from "../../platform/shanghai-day.ts";
import { readMessageParts } from "../../wecom/archive-message.ts";
import { textOf } from "../../wecom/message-part.ts";
import type { ProvenMessage } from "../archive/proven-messages.ts";
import type { PackageCounts, PackageParts } from "./package-parts.ts";

/** The package for people: printable, without scripts, every text from outside escaped. */
export function renderReport(parts: PackageParts, counts: PackageCounts): string {
  const { order, extent, head } = parts;
  const name = (id: string): string => parts.names.get(id) ?? id;
  return page([
    `<h1>聊天记录证据包</h1>`,
    facts([
      ["编号", order.id],
      ["会话", titleOf(parts)],
      [
        "时间范围",
        `${formatShanghaiTime(order.range.fromMs)} 至 ${formatShanghaiTime(order.range.toMs)}（不含）`,
      ],
      ["用途", order.purpose],
      ["处理依据", legalBasisNames[order.legalBasis]],
      ["申请人", `${name(order.requestedBy)}，${formatShanghaiTime(order.requestedAtMs)}`],
      ["审批人", `${name(order.approvedBy)}，${formatShanghaiTime(order.approvedAtMs)}`],
      ["生成时间", formatShanghaiTime(parts.builtAtMs)],
      [
        "内容",
        `范围内消息 ${counts.messages} 条，文件 ${counts.media} 个；该会话截至生成时共 ${extent.total} 条消息`,
      ],
      ["留痕校验值", `共 ${head.size} 条记录，${formatShanghaiTime(head.signedAtMs)} 签名`],
    ]),
    `<p class="note">本报告便于阅读；以 messages.jsonl 为准。核验方法见 README.zh.md：用其中任意一个程序核验，显示“通过”即说明各项内容与留痕记录一致。时间均为北京时间。</p>`,
    `<h2>聊天内容</h2>`,
    table(["序号", "时间", "发言人", "内容"], messageRows(parts, name)),
    `<h2>缺失说明</h2>`,
    list(gapLines(parts, counts)),
    `<h2>客户对会话存档的意见</h2>`,
    parts.consents.length === 0
      ? `<p>存档消息里没有客户表示同意或不同意的记录。</p>`
      : table(
          ["时间", "客户", "意见", "会话成员"],
          parts.consents.map((one) => [
            formatShanghaiTime(one.atMs),
            name(one.customerId),
            one.state === "agreed" ? "同意" : "不同意",
            one.memberId === null ? "整个群" : name(one.memberId),
          ]),
        ),
    `<h2>查看与处理记录</h2>`,
    table(
      ["留痕位置", "时间", "人员", "事项", "说明"],
      parts.trail.map((entry) => [
        String(entry.position),
        formatShanghaiTime(entry.atMs),
        entry.actorId === "system" ? "系统" : name(entry.actorId),
        nameOfAct(entry.kind),
        entry.note,
      ]),
    ),
    `<h2>系统状态</h2>`,
    list(systemLines(parts.system)),
  ]);
}

export function titleOf({ names, order }: Pick<PackageParts, "names" | "order">): string {
  const [kind, ...ids] = order.range.conversationId.split(":");
  const people = ids.map((id) => names.get(id) ?? id).join(" 与 ");
  return kind === "g" ? `群聊 ${people}` : people;
}

function messageRows(parts: PackageParts, name: (id: string) => string): string[][] {
  return parts.messages.flatMap((one): string[][] => {
    if (one.form === "outline") return [];
    if (one.form === "gone") return [[String(one.ordinal), "", "", "（已按保存期限销毁）"]];
    return [
      [
        String(one.ordinal),
        formatShanghaiTime(one.sentAtMs),
        name(one.facts.senderId),
        bodyOf(one, parts),
      ],
    ];
  });
}

function bodyOf(one: Extract<ProvenMessage, { form: "whole" }>, parts: PackageParts): string {
  const files = parts.media.filter(({ seq }) => seq === one.message.seq);
  return [
    textOf(readMessageParts(one.message.json)),
    ...files.map(({ name }) => `［文件］${name}`),
    ...(one.facts.recalledAtMs === null
      ? []
      : [`（${formatShanghaiTime(one.facts.recalledAtMs)} 撤回）`]),
  ]
    .filter((line) => line !== "")
    .join("\n");
}

function gapLines({ missingMedia, unopenedItems }: PackageParts, counts: PackageCounts): string[] {
  return [
    counts.gone === 0 ? "没有已销毁的消息。" : `${counts.gone} 条消息已按保存期限销毁。`,
    missingMedia.length === 0
      ? "文件齐全。"
      : `${missingMedia.length} 个文件没有取到：${missingMedia.map(({ id }) => id).join("、")}。`,
    unopenedItems === 0
      ? "整个存档中没有解不开的条目。"
      : `整个存档中有 ${unopenedItems} 个条目还没有解开，无法判断是否属于本会话。`,
    "进入本系统之前发生的事情，本证据包不能证明；可与对方手机、企业微信管理后台的记录核对。",
  ];
}

function systemLines(system: PackageParts["system"]): string[] {
  return [
    ...Object.entries(system.facts).map(([key, value]) => `${key}：${value}`),
    ...system.health.map(({ title, detail }) => `${title}：${detail}`),
  ];
}

function page(blocks: readonly string[]): string {
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>聊天记录证据包</title>
<style>
body{font:14px/1.6 "PingFang SC","Microsoft YaHei",sans-serif;color:#1d2129;max-width:960px;margin:32px auto;padding:0 24px}
h1{font-size:22px}h2{font-size:16px;margin:28px 0 8px;break-after:avoid}
table{width:100%;border-collapse:collapse}th,td{border:1px solid #dcdfe6;padding:6px 8px;text-align:left;vertical-align:top;overflow-wrap:anywhere;white-space:pre-wrap}
th{background:#f5f7fa;font-weight:600}tr{break-inside:avoid}.facts th{width:96px}.note{color:#4e5969}
.records th,.records td{white-space:pre-wrap}.records td:not(:last-child),.records th:not(:last-child){min-width:44px}
@media print{body{margin:0;max-width:none}}
</style>
</head>
<body>
${blocks.join("\n")}
</body>
</html>
`;
}

function facts(rows: readonly (readonly [string, string])[]): string {
  const lines = rows.map(
    ([key, value]) => `<tr><th>${escape(key)}</th><td>${escape(value)}</td></tr>`,
  );
  return `<table class="facts">${lines.join("\n")}</table>`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((text) => `<th>${escape(text)}</th>`).join("");
  const body = rows.map(
    (row) => `<tr>${row.map((text) => `<td>${escape(text)}</td>`).join("")}</tr>`,
  );
  return `<table class="records"><thead><tr>${head}</tr></thead><tbody>${body.join("\n")}</tbody></table>`;
}

function list(lines: readonly string[]): string {
  return `<ul>${lines.map((line) => `<li>${escape(line)}</li>`).join("")}</ul>`;
}

/** Marks that turn the direction of writing are shown as what they are. */
function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;")
    .replace(/[\u202a-\u202e\u2066-\u2069\u200e\u200f]/g, "\ufffd");
}

import type { EvidenceProblem, EvidenceState } from "#shared/contract/evidence";

/** Every sentence of the page 证据包. */
export const text = {
  title: "证据包",
  intro:
    "把一段聊天连同校验材料打成压缩包，外人不用登录就能核验：没有改动、没有遗漏、没有换序。需要说明用途和依据，由另一个人审批。",
  fingerprint: "签名公钥指纹",
  fingerprintHint: "请公布在公司网站或制度文件里，收到证据包的人用它核对来源。",
  copied: "已复制",
  copy: "复制",
  form: {
    title: "申请证据包",
    kinds: { conversation: "按会话", case: "按告警事项" },
    target: { conversation: "会话", case: "告警事项" },
    placeholder: {
      conversation: "粘贴会话页面的链接",
      case: "粘贴告警事项页面的链接",
    },
    days: "日期",
    daysPlaceholder: ["开始日期", "结束日期"],
    purpose: "用途",
    purposePlaceholder: "例如：客户投诉承诺收益，准备仲裁材料",
    basis: "处理依据",
    basisPlaceholder: "请选择",
    warning:
      "从 25 条起的批量读取和导出必须由另一个人审批：通信内容 50 条即可能构成侵犯公民个人信息罪，在履行职责中获得的减半计算。",
    send: "提交申请",
    sent: "已提交，等待审批",
    incomplete: "请把会话、日期、用途和依据填完整。",
  },
  list: {
    title: "申请记录",
    hint: "生成后保留 7 天，只有申请人可以下载，每次下载都会留痕。",
    empty: "还没有申请过证据包。",
    what: "内容",
    who: "申请与审批",
    state: "状态",
    more: "查看更早的",
    messages: (count: number, size: string): string => `${count} 条消息，${size}`,
    range: (from: string, to: string): string => (from === to ? from : `${from} 至 ${to}`),
    asked: (name: string, when: string): string => `${name} ${when}申请`,
    approvedBy: (name: string): string => `${name} 同意`,
    until: (when: string): string => `保留到 ${when}`,
    download: "下载",
    hash: "SHA-256",
  },
  states: {
    waiting: "等待审批",
    building: "正在生成",
    ready: "可以下载",
    failed: "没有生成",
    refused: "没有同意",
    expired: "已到期删除",
  } satisfies Record<EvidenceState, string>,
  problems: {
    mismatch: "有消息与留痕记录对不上，可能被改动过。请立即联系安全负责人。",
    too_large: "文件超过 1 GB，请缩短时间，分几次申请。",
    empty: "这段时间已经没有消息。",
    error: "多次尝试都没有成功，请联系管理员查看“运行状态”后重新申请。",
  } satisfies Record<EvidenceProblem, string>,
};

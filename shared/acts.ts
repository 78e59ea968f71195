/**
 * What goes on record, in words. The ledger's entries name an act as `<object>.<what was done>`; pages, files and
 * packages say it alike.
 */
const objects = {
  hit: "规则命中",
  case: "告警事项",
  conversation: "会话",
  search: "搜索",
  rule: "规则",
  "rule-pack": "规则包",
  back_test: "规则试跑",
  look_back: "规则回溯",
  retention: "保存期限",
  hold: "法律留存",
  evidence: "证据包",
  approval: "审批",
  access: "权限",
  vault_key: "密钥",
  key: "密钥和凭据",
  interception: "原生拦截",
  reconciliation: "对账",
  ledger: "留痕",
  archive: "会话存档",
  audit: "审计",
} as const;

/** Acts whose words say more than object and deed. */
const acts: Readonly<Record<string, string>> = {
  "hit.found": "发现规则命中",
  "case.decided": "处理告警事项",
  "conversation.read": "查看会话",
  "search.read": "搜索聊天内容",
  "rule.written": "保存规则",
  "rule.enabled": "启用规则",
  "rule.disabled": "停用规则",
  "rule.published": "发布规则",
  "back_test.started": "开始规则试跑",
  "back_test.done": "规则试跑完成",
  "back_test.cancelled": "取消规则试跑",
  "back_test.failed": "规则试跑没有完成",
  "back_test.labelled": "标注试跑抽样",
  "look_back.started": "开始规则回溯",
  "look_back.done": "规则回溯完成",
  "look_back.cancelled": "取消规则回溯",
  "look_back.failed": "规则回溯没有完成",
  "access.granted": "授予权限",
  "access.revoked": "收回权限",
  "access.kept": "复核后保留权限",
  "vault_key.turned": "轮换保管库密钥",
  "vault_key.destroyed": "销毁旧的保管库密钥",
  "key.seen": "登记密钥",
  "key.changed": "更换密钥",
  "retention.changed": "修改保存期限",
  "retention.ran": "按期限销毁",
  "hold.placed": "设置法律留存",
  "hold.released": "解除法律留存",
  "evidence.requested": "申请证据包",
  "evidence.built": "生成证据包",
  "evidence.failed": "证据包生成失败",
  "evidence.downloaded": "下载证据包",
  "evidence.expired": "证据包到期删除",
  "approval.requested": "提交审批",
  "approval.approved": "审批同意",
  "approval.refused": "审批不同意",
  "approval.withdrawn": "撤回申请",
  "approval.expired": "审批过期",
  "reconciliation.counted": "每日对账",
  "ledger.checked": "检查留痕记录",
  "ledger.broken": "留痕记录校验不通过",
  "ledger.published": "公布当日校验值",
  "audit.exported": "导出审计记录",
  "archive.excluded": "放弃解开存档条目",
  "archive.repulled": "重新拉取存档",
};

const deeds: Readonly<Record<string, string>> = {
  requested: "申请",
  approved: "同意",
  refused: "不同意",
  granted: "授予",
  revoked: "收回",
  suspended: "暂停",
  kept: "保留",
  ended: "结束",
  expired: "到期",
  started: "开始",
  opened: "发起",
  closed: "结束",
  changed: "修改",
  created: "新建",
  written: "保存",
  published: "发布",
  enabled: "启用",
  disabled: "停用",
  rotated: "轮换",
  restored: "恢复",
  changed_elsewhere: "在别处被改动",
  unlocked: "解锁",
  split: "分割",
  destroyed: "销毁",
  added: "新增",
  removed: "移除",
  imported: "导入",
  exported: "导出",
};

export function nameOfAct(kind: string): string {
  const known = acts[kind];
  if (known !== undefined) return known;
  const [object = "", deed = ""] = kind.split(".");
  const what = (objects as Readonly<Record<string, string>>)[object];
  return what === undefined ? kind : `${what}：${deeds[deed] ?? deed}`;
}

/** The kinds of objects that one can look for. */
export const actObjects: readonly { id: string; name: string }[] = Object.entries(objects).map(
  ([id, name]) => ({ id, name }),
);

/** What an administrator does about an error code of WeCom; null for one without a remedy of its own. */
const remedies = new Map<number, string>([
  [-1, "企业微信繁忙，系统会自动重试，不用处理。"],
  [40001, "Secret 不对或应用已停用：到管理后台复制应用的 Secret，改好配置后重启。"],
  [40013, "企业 ID 不对：到“我的企业 → 企业信息”核对 WECOM_CORP_ID。"],
  [40091, "Secret 不对：到管理后台重新复制，改好配置后重启。"],
  [40056, "AgentId 不对：到应用详情页核对 WECOM_AGENT_ID。"],
  [
    41001,
    "存档组件没有拿到令牌：多半是服务器的出口 IP 不在会话存档的可信 IP 里，或 WECOM_ARCHIVE_SECRET 填错了。",
  ],
  [45009, "调用太频繁，被企业微信限流：系统会放慢并自动恢复，请检查是否有别的程序共用这个应用。"],
  [45033, "同时调用太多：系统会自动重试。"],
  [
    48002,
    "这个 Secret 没有调用该接口的权限：检查是否填错了 Secret，并在“客户联系 → API”中把应用加入可调用名单。",
  ],
  [48009, "通讯录同步的 Secret 不能读取成员详情：请使用应用自己的 Secret。"],
  [50001, "回调地址不在可信域名内：在应用的“网页授权及 JS-SDK”中核对可信域名。"],
  [50003, "应用已被停用：在管理后台启用应用。"],
  [60011, "成员或部门不在应用的可见范围内：在应用详情页调整可见范围。"],
  [60020, "服务器的出口 IP 不在名单里：把它加入应用的“企业可信 IP”。"],
  [301042, "服务器的出口 IP 不在会话存档的名单里：在“会话内容存档”中加入可信 IP。"],
  [301052, "会话存档的服务已过期：请在管理后台续费，过期期间的消息不会保存。"],
  [301053, "会话存档没有开启：在“管理工具 → 会话内容存档”中开启并设置成员。"],
]);

/** Where the archive's Secret is meant and not the app's. */
const archiveRemedies = new Map<number, string>([
  [
    48002,
    "填的不是会话存档的 Secret：到“管理工具 → 会话内容存档”复制它的 Secret，填进 WECOM_ARCHIVE_SECRET 后重启。",
  ],
  [40001, "会话存档的 Secret 不对：到“管理工具 → 会话内容存档”重新复制，改好配置后重启。"],
  [60020, "服务器的出口 IP 不在名单里：在“会话内容存档”中加入可信 IP。"],
]);

/** `callerIp`: the address that is not on WeCom's list. */
export function archiveRemedyFor(errcode: number, callerIp?: string | null): string {
  return withAddress(archiveRemedies.get(errcode) ?? remedyFor(errcode), callerIp);
}

export function withAddress(remedy: string, callerIp: string | null | undefined): string {
  return callerIp ? `${remedy.replace(/。$/, "")}：${callerIp}。` : remedy;
}

export function remedyFor(errcode: number): string {
  return remedies.get(errcode) ?? `在企业微信开发者中心的“错误码查询”里查 ${errcode}，按说明处理。`;
}

/**
 * Every error that a person may see: its code, its HTTP status and its sentence, in one place.
 * A sentence says what happened and what to do; the server and the pages use the same words.
 */
export const errors = {
  invalid_request: { status: 400, text: "填写的内容有误，请检查后重试。" },
  not_signed_in: { status: 401, text: "登录已过期，请重新打开页面。" },
  forged_request: { status: 403, text: "请求来源不可信，请从企业微信重新打开页面。" },
  not_allowed: { status: 403, text: "你没有这项权限，需要时请联系管理员。" },
  own_request: { status: 403, text: "自己提出的申请要由别人审批。" },
  nobody_to_approve: {
    status: 409,
    text: "除了申请人和受益人，现在没有别人能审批。请先任命另一位安全管理员，或在设置 ADMIN_MEMBER_IDS 里再写一位管理员。",
  },
  no_reading_approver: {
    status: 409,
    text: "现在没有别人能同意阅读申请。请管理员先在“权限”页任命个人信息保护负责人或法务。",
  },
  already_asked: { status: 409, text: "已经有一份申请在等待审批或仍然有效，不用再提交。" },
  reading_limited: {
    status: 403,
    text: "今天能看的条数已经用完，继续看需要另一个人同意，请先申请阅读更多。",
  },
  directory_stale: {
    status: 503,
    text: "超过一天没能从企业微信更新通讯录，为防止越权，暂时不能查看他人内容。请联系管理员查看“运行状态”。",
  },
  step_up_needed: { status: 403, text: "这一步需要重新登录确认身份，登录后 5 分钟内有效。" },
  not_a_member: { status: 403, text: "只有本企业的成员可以使用，请用企业微信账号登录。" },
  member_inactive: { status: 403, text: "你的账号已停用或不在应用可见范围内，请联系管理员。" },
  sign_in_failed: { status: 403, text: "登录没有完成，请关闭页面后重新打开。" },
  not_found: { status: 404, text: "没有找到，可能已被删除，或你无权查看。" },
  customer_not_found: { status: 404, text: "没有找到这位客户，可能已不是你的客户。" },
  already_decided: { status: 409, text: "这件事已经处理过了，页面已更新为最新结果。" },
  review_under_way: { status: 409, text: "上一次权限复核还没有结束，结束后才能发起新的。" },
  nothing_to_review: { status: 409, text: "还没有授予任何角色，没有需要复核的权限。" },
  edited_meanwhile: { status: 409, text: "内容刚被别人修改过，请刷新后再改。" },
  scan_running: { status: 409, text: "已有一个正在进行，请等它结束，或先取消它。" },
  no_chats_to_scan: {
    status: 403,
    text: "你没有可查看的聊天，请让有“查看聊天”权限的合规专员来做。",
  },
  rules_moved_on: {
    status: 409,
    text: "提出申请之后规则又发布过新版本，请申请人核对后重新提交。",
  },
  untrusted_page: { status: 400, text: "当前页面地址不在可信域名内，请从企业微信打开。" },
  too_large: { status: 413, text: "内容太长，请缩短后重试。" },
  wecom_unreachable: { status: 502, text: "暂时连不上企业微信，请稍后重试。" },
  wecom_refused: { status: 502, text: "企业微信拒绝了这次请求，请管理员查看“运行状态”。" },
  vault_sealed: {
    status: 503,
    text: "数据还没有解锁：服务器没有读到数据密钥。新消息照常接收，不会丢；请管理员放回密钥，几秒后自动恢复。",
  },
  not_ready: { status: 503, text: "服务正在启动，请稍后重试。" },
  internal: { status: 500, text: "系统出错了，请稍后重试；一直不行请联系管理员。" },
} as const satisfies Record<string, { status: number; text: string }>;

export type ErrorCode = keyof typeof errors;

/**
 * Every error that a person may see: its code, its HTTP status and its sentence, in one place.
 * A sentence says what happened and what to do; the server and the pages use the same words.
 */
export const errors = {
  invalid_request: { status: 400, text: "填写的内容有误，请检查后重试。" },
  not_signed_in: { status: 401, text: "登录已过期，请重新打开页面。" },
  forged_request: { status: 403, text: "请求来源不可信，请从企业微信重新打开页面。" },
  not_allowed: { status: 403, text: "你没有这项权限，需要时请联系管理员。" },
  not_a_member: { status: 403, text: "只有本企业的成员可以使用，请用企业微信账号登录。" },
  member_inactive: { status: 403, text: "你的账号已停用或不在应用可见范围内，请联系管理员。" },
  sign_in_failed: { status: 403, text: "登录没有完成，请关闭页面后重新打开。" },
  not_found: { status: 404, text: "没有找到，可能已被删除，或你无权查看。" },
  customer_not_found: { status: 404, text: "没有找到这位客户，可能已不是你的客户。" },
  already_decided: { status: 409, text: "这件事已经处理过了，页面已更新为最新结果。" },
  edited_meanwhile: { status: 409, text: "内容刚被别人修改过，请刷新后再改。" },
  untrusted_page: { status: 400, text: "当前页面地址不在可信域名内，请从企业微信打开。" },
  too_large: { status: 413, text: "内容太长，请缩短后重试。" },
  wecom_unreachable: { status: 502, text: "暂时连不上企业微信，请稍后重试。" },
  wecom_refused: { status: 502, text: "企业微信拒绝了这次请求，请管理员查看“运行状态”。" },
  not_ready: { status: 503, text: "服务正在启动，请稍后重试。" },
  internal: { status: 500, text: "系统出错了，请稍后重试；一直不行请联系管理员。" },
} as const satisfies Record<string, { status: number; text: string }>;

export type ErrorCode = keyof typeof errors;

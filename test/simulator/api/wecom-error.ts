import { randomBytes } from "node:crypto";

/** The English reasons that stand at the head of `errmsg`; callers must branch on the number alone. */
const REASONS: Record<number, string> = {
  [-1]: "system error",
  40001: "invalid credential",
  40003: "invalid userid",
  40007: "invalid media_id",
  40008: "invalid message type",
  40013: "invalid corpid",
  40014: "invalid access_token",
  40029: "invalid code",
  40032: "invalid userid list size",
  40033: "invalid charset",
  40035: "invalid parameter",
  40050: "chatid invalid",
  40056: "invalid agentid",
  40058: "invalid Request Parameter",
  40063: "some parameters are empty",
  40068: "invalid tagid",
  40093: "invalid jsapi signature",
  40096: "invalid external userid",
  41001: "access_token missing",
  41002: "corpid missing",
  41004: "corpsecret missing",
  41008: "missing code",
  41011: "agentid missing",
  42001: "access_token expired",
  42003: "code expired",
  42014: "invalid taskid",
  42022: "code has been used",
  42052: "msgid expired",
  43012: "require callback url",
  44004: "empty content",
  45002: "content size out of limit",
  45009: "api freq out of limit",
  48002: "api forbidden",
  48009: "api forbidden for contacts assistant from new ip",
  50001: "redirect_url with invalid domain",
  50100: "invalid cursor",
  60003: "department not found",
  60011: "no privilege to access/modify contact/party/agent",
  60020: "not allow to access from your ip",
  60111: "userid not found",
  60123: "invalid party id",
  60140: "invalid response code",
  81013: "user & party & tag all invalid",
  82001: "user & party & tag all empty",
  82002: "invalid party list size",
  82003: "invalid tag list size",
  84061: "not external contact",
  91040: "invalid ticket type",
  301002: "not allow operate another agent with this accesstoken",
  301042: "ip not in whitelist",
  301048: "sdkfileid expired",
  301059: "not an internal group",
  301060: "too many items",
};

/** A refusal: HTTP 200 with this errcode. */
export class WecomError extends Error {
  readonly errcode: number;

  constructor(errcode: number, reason: string = REASONS[errcode] ?? "request refused") {
    super(reason);
    this.errcode = errcode;
  }
}

/** The answer as the real server words it, with a hint, the caller's address and a link. */
export function formatError(error: WecomError, ip: string, nowMs: number) {
  const hint = `${Math.floor(nowMs / 1000)}_1_${randomBytes(16).toString("hex")}`;
  return {
    errcode: error.errcode,
    errmsg:
      `${error.message}, hint: [${hint}], from ip: ${ip}, more info at ` +
      `https://open.work.weixin.qq.com/devtool/query?e=${error.errcode}`,
  };
}

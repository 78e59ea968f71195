import type { WecomClient } from "../../wecom/wecom-client.ts";
import { attention, broken, ok } from "./health-line.ts";
import type { HealthCheck } from "./health-line.ts";
import { sayDuration } from "./spoken-time.ts";

const ATTENTION_MS = 10_000;
const BROKEN_MS = 2 * 60_000;

/** Signatures, sign-in codes and the age of messages are judged by the clock; WeCom's answers carry theirs. */
export function clockCheck(client: Pick<WecomClient, "clockSkewMs">): HealthCheck {
  return {
    id: "clock",
    title: "服务器时间",
    look() {
      const skewMs = client.clockSkewMs();
      if (skewMs === null) return ok("还没有和企业微信对过时间。");
      const offMs = Math.abs(skewMs);
      if (offMs <= ATTENTION_MS) return ok("和企业微信一致。");
      const detail = `比企业微信${skewMs > 0 ? "快" : "慢"} ${sayDuration(offMs)}。`;
      const remedy = "在服务器上开启时间同步（NTP）：时间不准会使登录、签名和提醒出错。";
      return offMs > BROKEN_MS ? broken(detail, remedy) : attention(detail, remedy);
    },
  };
}

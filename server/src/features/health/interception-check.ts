import type { Interception } from "../interception/interception.service.ts";
import { attention, ok } from "./health-line.ts";
import type { HealthCheck } from "./health-line.ts";
import { sayAgo } from "./spoken-time.ts";

/** Whether WeCom holds back what it was told to. */
export function interceptionCheck(interception: Pick<Interception, "standing">): HealthCheck {
  return {
    id: "interception",
    title: "原生拦截",
    async look(nowMs) {
      const { inPlace, drifted, refused, lookedAtMs, errcode } = await interception.standing();
      if (errcode !== null) {
        const why = errcode === 0 ? "连不上企业微信" : `企业微信返回错误 ${errcode}`;
        return attention(
          `最近一次和企业微信核对没有完成：${why}。侧边栏和存档检查不受影响。`,
          "打开“原生拦截”页面看原因，处理后点“立即核对”。",
        );
      }
      if (drifted > 0) {
        return attention(
          `${drifted} 条规则在企业微信后台被改动或删除。`,
          "打开“原生拦截”页面，逐条看改了什么，再决定是否恢复。",
        );
      }
      if (refused > 0) {
        return attention(
          `企业微信没有接受 ${refused} 条规则。`,
          "打开“原生拦截”页面看每条的原因，按提示修改规则。",
        );
      }
      if (lookedAtMs === null) return ok("还没有和企业微信核对过，发布规则后会自动核对。");
      const ago = sayAgo(lookedAtMs, nowMs);
      return ok(
        inPlace > 0
          ? `${inPlace} 条规则在企业微信里生效，${ago}核对过。`
          : `没有交给企业微信的规则，${ago}核对过。`,
      );
    },
  };
}

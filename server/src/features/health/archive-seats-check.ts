import { WecomError, WecomUnreachableError } from "../../wecom/wecom-error.ts";
import { attention, broken, ok } from "./health-line.ts";
import type { Finding, HealthCheck } from "./health-line.ts";
import { archiveRemedyFor } from "./wecom-remedy.ts";

/** Seats change when an administrator clicks in WeCom's console; the page looks every few seconds. */
const KEEP_MS = 10 * 60_000;
/** Somebody is at it and wants to see the result. */
const KEEP_TROUBLE_MS = 60_000;

interface Known {
  finding: Promise<Finding>;
  untilMs: number;
}

/** Whether anybody's chats are archived at all. */
export function archiveSeatsCheck(
  listSeats: () => Promise<string[]>,
  missing: string | null,
): HealthCheck {
  let known: Known | null = null;

  async function ask(): Promise<Finding> {
    try {
      return describe((await listSeats()).length);
    } catch (error) {
      if (error instanceof WecomError) {
        const remedy = archiveRemedyFor(error.errcode, error.callerIp);
        return attention(`查不到开通名单：企业微信返回错误码 ${error.errcode}。`, remedy);
      }
      if (error instanceof WecomUnreachableError) {
        return attention("查不到开通名单：连不上企业微信。", "检查网络、防火墙和代理。");
      }
      throw error;
    }
  }

  function askAt(nowMs: number): Known {
    const asked: Known = { finding: ask(), untilMs: nowMs + KEEP_MS };
    asked.finding.then(
      ({ status }) => {
        if (status !== "ok") asked.untilMs = nowMs + KEEP_TROUBLE_MS;
      },
      () => {
        asked.untilMs = nowMs;
      },
    );
    return asked;
  }

  return {
    id: "archive-seats",
    title: "存档开通名单",
    async look(nowMs) {
      if (missing) return ok("没有用到。");
      if (!known || nowMs >= known.untilMs) known = askAt(nowMs);
      return await known.finding;
    },
  };
}

function describe(seats: number): Finding {
  return seats > 0
    ? ok(`${seats} 名成员的聊天会存档。`)
    : broken(
        "没有一名成员开通，所以什么也拉不到。",
        "在管理后台“管理工具 → 会话内容存档 → 设置开启范围”中加入成员。",
      );
}

import type { ArchiveReader } from "../archive/reader.service.ts";
import type { Inbox } from "../callbacks/inbox.service.ts";
import { attention, ok } from "./health-line.ts";
import type { HealthCheck } from "./health-line.ts";
import { sayAgo } from "./spoken-time.ts";

/** WeCom tells of news at most every 15 seconds (document 95039); after so long it would have. */
const SETTLED_MS = 2 * 60_000;
/** Clocks differ, and what the clock pulled a moment before is told of a moment later. */
const SLACK_MS = 60_000;

export interface ArchiveFlowDeps {
  reader: Pick<ArchiveReader, "status">;
  inbox: Pick<Inbox, "status">;
  /** Where WeCom should call; null when no receiver is set. */
  callbackUrl: string | null;
  missing: string | null;
}

/**
 * Whether WeCom's word and what is pulled go together. Each can fail without the other: the clock pulls when no
 * callback comes, and a cursor that is ahead of WeCom pulls nothing whatever is told.
 */
export function archiveFlowCheck(deps: ArchiveFlowDeps): HealthCheck {
  return {
    id: "archive-flow",
    title: "存档通知",
    async look(nowMs) {
      const { callbackUrl } = deps;
      if (deps.missing) return ok("没有用到。");
      if (callbackUrl === null) {
        return attention(
          "没有设置接收回调，新消息要等定时拉取，提醒会晚到。",
          "填写 WECOM_ARCHIVE_CALLBACK_TOKEN 和 WECOM_ARCHIVE_CALLBACK_AES_KEY 后重启。",
        );
      }
      const [{ newestSentAtMs, lagMs, lastPageAtMs, seq }, receivers] = await Promise.all([
        deps.reader.status(),
        deps.inbox.status(),
      ]);
      const toldAtMs =
        receivers.find(({ receiver }) => receiver === "archive")?.lastReceivedAtMs ?? null;
      const wasLive = newestSentAtMs !== null && lagMs !== null && lagMs < SLACK_MS;
      if (wasLive && isMissing(newestSentAtMs, toldAtMs, nowMs)) {
        const last =
          toldAtMs === null ? "从没有收到过通知" : `上次通知在${sayAgo(toldAtMs, nowMs)}`;
        return attention(
          `${sayAgo(newestSentAtMs, nowMs)}有新消息，但企业微信没有通知（${last}），靠定时拉取补上了。`,
          `在“管理工具 → 会话内容存档 → 接收事件服务器”中把 URL 设为 ${callbackUrl}，并核对 Token 和 EncodingAESKey。`,
        );
      }
      if (toldAtMs !== null && isMissing(toldAtMs, lastPageAtMs, nowMs)) {
        return attention(
          `企业微信${sayAgo(toldAtMs, nowMs)}通知有新消息，但序号 ${seq} 之后什么也没有拉到。`,
          "等下一次通知；一直如此，说明序号超前了（例如换过企业，或恢复过别处的数据库），请联系开发人员核对。",
        );
      }
      return ok(toldAtMs === null ? "还没有新消息。" : `上次通知在${sayAgo(toldAtMs, nowMs)}。`);
    },
  };
}

/** `what` happened long enough ago, and what should have followed has not. */
function isMissing(whatAtMs: number, followedAtMs: number | null, nowMs: number): boolean {
  return nowMs - whatAtMs > SETTLED_MS && (followedAtMs ?? 0) < whatAtMs - SLACK_MS;
}

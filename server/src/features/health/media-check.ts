import type { Media, MediaSummary } from "../media/media.service.ts";
import { attention, broken, ok } from "./health-line.ts";
import type { Finding, HealthCheck } from "./health-line.ts";
import { sayDuration } from "./spoken-time.ts";

/** A file may wait for a moment; for longer it must be told, since WeCom does not keep it for ever. */
const WAIT_ATTENTION_MS = 10 * 60_000;

const remedies: Record<NonNullable<MediaSummary["problem"]>, string> = {
  unreachable: "企业微信只保存几天：检查网络、企业可信 IP 和存档组件，恢复后会自动补取。",
  refused: "会自动重试；一直如此请查看日志中的错误码。",
  not_storable: "媒体文件存不下：检查 MEDIA_DIR 所在磁盘，或 S3 存储的地址、权限和容量。",
  mismatch: "会自动重试；三次都不一致时按收到的内容保存并注明。",
  bad_id: "会自动重试。",
  gave_up: "会自动重试。",
};

/** The files of messages: whether they come, and whether the store takes them. */
export function mediaCheck(media: Pick<Media, "summary" | "checkStore">): HealthCheck {
  return {
    id: "media",
    title: "聊天文件",
    async look(nowMs) {
      const isStoreUp = await media.checkStore().then(
        () => true,
        () => false,
      );
      const summary = await media.summary(nowMs);
      return isStoreUp ? judge(summary, nowMs) : broken(describe(summary), remedies.not_storable);
    },
  };
}

function judge(summary: MediaSummary, nowMs: number): Finding {
  const { waitingSinceMs, problem, lostLately } = summary;
  const waitedMs = waitingSinceMs === null ? 0 : nowMs - waitingSinceMs;
  if (waitedMs > WAIT_ATTENTION_MS) {
    const detail = `${describe(summary)}最久的已等 ${sayDuration(waitedMs)}。`;
    return attention(detail, remedies[problem ?? "refused"]);
  }
  if (lostLately > 0) {
    return attention(
      `${describe(summary)}其中最近 7 天没能取到 ${lostLately} 个。`,
      "检查当时服务是否中断过，再在本页下方「没取到的聊天文件」重新获取；企业微信不再保存的，会话里会注明。",
    );
  }
  return ok(describe(summary));
}

function describe({ counts }: MediaSummary): string {
  const { stored = 0, waiting = 0, expired = 0, failed = 0 } = counts;
  return `已保存 ${stored} 个，等待获取 ${waiting} 个，已过期 ${expired} 个，无法获取 ${failed} 个。`;
}

import type { ArchiveAccess } from "../../wecom/archive-access.ts";
import type { DecryptPool } from "../archive/decrypt-pool.ts";
import type { ArchiveReader, ArchiveStatus } from "../archive/reader.service.ts";
import type { UndecodableService } from "../archive/undecodable.service.ts";
import { explainPullFailure, explainWaiting } from "./archive-words.ts";
import { attention, broken, ok } from "./health-line.ts";
import type { Finding, HealthCheck } from "./health-line.ts";
import { sayAgo, sayDuration } from "./spoken-time.ts";

/** The clock pulls several times a minute, even when no callback comes. */
const PULL_ATTENTION_MS = 2 * 60_000;
const PULL_BROKEN_MS = 30 * 60_000;
/** WeCom keeps an archived message for five days (document 91774). */
const WECOM_KEEPS_MS = 5 * 24 * 3600_000;

export function archiveCheck(
  reader: Pick<ArchiveReader, "status">,
  missing: ArchiveAccess["missing"],
): HealthCheck {
  return {
    id: "archive",
    title: "会话存档",
    async look(nowMs) {
      if (missing) return attention("没有配置，聊天不会存档。", `填写 ${missing} 后重启。`);
      const status = await reader.status();
      const detail = describe(status, nowMs);
      if (status.failure) return failed(status, detail, nowMs);
      if (status.pulledAtMs === null) return attention(detail, "稍等片刻；仍没有结果就查看日志。");
      const ageMs = nowMs - status.pulledAtMs;
      const remedy = "拉取停了：看看“后台任务”一行，必要时重启服务。企业微信只保留五天的消息。";
      if (ageMs > PULL_BROKEN_MS) return broken(detail, remedy);
      return ageMs > PULL_ATTENTION_MS ? attention(detail, remedy) : ok(detail);
    },
  };
}

function describe({ messageCount, seq, pulledAtMs, lagMs }: ArchiveStatus, nowMs: number): string {
  const pulled = pulledAtMs === null ? "还没有拉取过" : `${sayAgo(pulledAtMs, nowMs)}拉取`;
  const lag = lagMs === null ? "" : `，最新一条从发送到入库用了 ${sayDuration(lagMs)}`;
  return `${pulled}，已存 ${messageCount} 条，序号到 ${seq}${lag}。`;
}

function failed({ failure, pulledAtMs }: ArchiveStatus, detail: string, nowMs: number): Finding {
  if (!failure) return ok(detail);
  const { what, remedy } = explainPullFailure(failure);
  const line = `${detail}${sayAgo(failure.atMs, nowMs)}失败：${what}。`;
  const isLong = pulledAtMs === null || nowMs - pulledAtMs > PULL_BROKEN_MS;
  return isLong ? broken(line, remedy) : attention(line, remedy);
}

/** The private keys in the folder that the archive is opened with. */
export function archiveKeysCheck(pool: Pick<DecryptPool, "versions" | "problems">): HealthCheck {
  return {
    id: "archive-keys",
    title: "存档私钥",
    look() {
      const versions = pool.versions().sort((a, b) => a - b);
      const problems = pool.problems();
      const present = versions.length === 0 ? "没有可用的私钥" : `可用版本 ${versions.join("、")}`;
      const files = problems.map(({ file }) => file).join("、");
      const detail = problems.length === 0 ? `${present}。` : `${present}；不能使用：${files}。`;
      if (versions.length === 0) {
        return broken(detail, "把私钥按“<版本>.pem”的名字放进 WECOM_ARCHIVE_KEYS_DIR。");
      }
      return problems.length > 0
        ? attention(detail, "文件名应为“<版本>.pem”，内容为不带口令的 2048 位 RSA 私钥。")
        : ok(detail);
    },
  };
}

/** Until when the first of them can be asked for again, should the kept bytes themselves be damaged. */
export function undecodableCheck(
  undecodable: Pick<UndecodableService, "listWaiting" | "findOldest">,
): HealthCheck {
  return {
    id: "undecodable",
    title: "打不开的消息",
    async look(nowMs) {
      const [waiting, oldest] = await Promise.all([
        undecodable.listWaiting(),
        undecodable.findOldest(),
      ]);
      const words = explainWaiting(waiting);
      if (!words || !oldest) return ok("没有。");
      const leftMs = oldest.sentAtMs + WECOM_KEEPS_MS - nowMs;
      const again =
        leftMs > 0
          ? `最早的一条在 ${sayDuration(leftMs)}内还能向企业微信重新拉取`
          : "最早的一条企业微信已不再保留";
      return attention(`${words.what}。原文都已保留，${again}。`, words.remedy);
    },
  };
}

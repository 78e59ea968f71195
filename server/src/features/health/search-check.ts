import { attention, ok } from "./health-line.ts";
import type { HealthCheck } from "./health-line.ts";

/** Some seconds' worth of messages are always on their way into the index. */
const BEHIND = 5_000;

/** How searching is done, and whether its index keeps up. */
export function searchCheck(search: {
  status(): Promise<{ indexed: number; total: number } | null>;
}): HealthCheck {
  return {
    id: "search",
    title: "聊天搜索",
    async look() {
      const status = await search.status();
      if (!status) return ok("不用索引，搜索时逐条解密。");
      const missing = status.total - status.indexed;
      if (missing <= BEHIND) return ok(`索引已跟上，共 ${status.indexed} 条。`);
      return attention(
        `索引正在建立：${status.indexed} / ${status.total} 条。这段时间搜索照常，只是慢一些。`,
        "等它建完；如果数字一直不动，请看“后台任务”里有没有失败的任务和日志。",
      );
    },
  };
}

import type { ArchiveAccess } from "../../wecom/archive-access.ts";
import type { SdkHostTrouble } from "../../wecom/sdk-error.ts";
import type { SdkHealth } from "../../wecom/sdk-host.ts";
import { attention, broken, ok } from "./health-line.ts";
import type { Finding, HealthCheck } from "./health-line.ts";
import { sayAgo } from "./spoken-time.ts";

const MEGABYTE = 1024 * 1024;

const troubles: Record<SdkHostTrouble, [what: string, remedy: string]> = {
  no_program: [
    "运行组件的程序还没有编译",
    "在服务器上安装 C 编译器（Debian：apt install gcc libc6-dev），运行 npm run build:sdk-host 后重启。",
  ],
  not_loaded: [
    "组件加载不了",
    "核对 WECOM_ARCHIVE_SDK_LIB 的路径，并确认下载的是与服务器相同架构（x86-64 或 arm64）的 Linux 版本。",
  ],
  unusable: [
    "组件没有通过自检",
    "重新下载企业微信的会话存档 SDK；仍然不行就运行 npm run sdk:check。",
  ],
  crashed: [
    "崩溃过，会自动重启",
    "偶尔一次不用处理；反复出现时检查代理和网络（登录页之类的非接口应答会使它崩溃），再运行 npm run sdk:check。",
  ],
  timeout: [
    "没有按时回应而被结束，会自动重启",
    "检查到企业微信的网络和代理，必要时调大 WECOM_ARCHIVE_TIMEOUT_SECONDS。",
  ],
  stopped: ["正在停止", "稍等片刻。"],
};

/** These end by themselves: the next call starts the component again. */
const passing: ReadonlySet<SdkHostTrouble> = new Set(["crashed", "timeout", "stopped"]);

/** How long trouble stays in the line after the component runs again. */
const RECENT_MS = 60 * 60_000;

/** WeCom's own archive library and the process that runs it. */
export function archiveComponentCheck({
  host,
  missing,
}: Pick<ArchiveAccess, "host" | "missing">): HealthCheck {
  return {
    id: "archive-component",
    title: "存档组件",
    look(nowMs) {
      if (host) return describeHost(host.health(), nowMs);
      if (missing !== "WECOM_ARCHIVE_SDK_LIB") return ok("没有用到。");
      return broken(
        "没有会话存档组件，聊天拉不下来。",
        "从企业微信开发者文档“会话内容存档 → 获取会话内容”下载 Linux 版 SDK，把 libWeWorkFinanceSdk_C.so 的路径填进 WECOM_ARCHIVE_SDK_LIB 后重启。",
      );
    },
  };
}

function describeHost(health: SdkHealth, nowMs: number): Finding {
  const { trouble, isRunning } = health;
  const detail = describe(health, nowMs);
  if (!trouble) return isRunning ? ok(detail) : attention(detail, "稍等片刻，组件正在启动。");
  const [what, remedy] = troubles[trouble.error.trouble];
  const reason = trouble.error.detail === "" ? "" : `（${trouble.error.detail}）`;
  const line = `${detail}${sayAgo(trouble.atMs, nowMs)}${what}${reason}。`;
  if (isRunning && nowMs - trouble.atMs > RECENT_MS) return ok(detail);
  return isRunning || passing.has(trouble.error.trouble)
    ? attention(line, remedy)
    : broken(line, remedy);
}

function describe({ isRunning, library, lastCall, restarts }: SdkHealth, nowMs: number): string {
  if (!library) return "找不到组件文件。";
  const size = `${(library.bytes / MEGABYTE).toFixed(1)} MB`;
  const version = library.version === null ? size : `版本 ${library.version}，${size}`;
  const state = isRunning ? "已加载，自检通过" : "没有运行";
  const call = lastCall ? `${sayAgo(lastCall.atMs, nowMs)}调用过` : "还没有调用过";
  return `${state}（${version}），${call}，重启 ${restarts} 次。`;
}

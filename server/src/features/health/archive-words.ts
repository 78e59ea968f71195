import type { UndecodableList } from "#shared/contract/health";
import type { PullFailure } from "../archive/pull-failure.ts";
import type { WaitingItems } from "../archive/undecodable.service.ts";
import { archiveRemedyFor } from "./wecom-remedy.ts";

/** What is wrong with the archive and what an administrator does about it, in words. */
export interface Explanation {
  what: string;
  remedy: string;
}

const reasons: Record<UndecodableList["items"][number]["reason"], string> = {
  unknown_key_version: "缺少对应版本的私钥",
  bad_random_key: "密钥解不开",
  bad_ciphertext: "内容解不开",
  invalid_json: "内容不完整",
  host_crashed: "存档组件处理时崩溃",
};

/** Why nothing can be pulled. */
export function explainPullFailure(failure: PullFailure): Explanation {
  switch (failure.kind) {
    case "wecom":
      return {
        what: `企业微信返回错误码 ${failure.errcode}`,
        remedy: archiveRemedyFor(failure.errcode, failure.callerIp),
      };
    case "unreachable":
      return { what: "连不上企业微信", remedy: "检查网络、防火墙和代理；系统会自动重试。" };
    case "not_configured":
      return { what: "缺少配置", remedy: `填写 ${failure.setting} 后重启。` };
    case "sdk":
      return {
        what: `存档组件返回 ${failure.code}`,
        remedy: "查看“存档组件”一行；反复出现就运行 npm run sdk:check。",
      };
    case "sdk_host":
      return {
        what: "存档组件没有回应",
        remedy: "看“存档组件”一行的说明；系统会自动重试。",
      };
    case "internal":
      return {
        what: `系统内部错误 ${failure.name}`,
        remedy: "查看日志中同一时间的错误，并联系开发人员。",
      };
  }
}

/** Why items cannot be opened; null when none waits. */
export function explainWaiting(waiting: readonly WaitingItems[]): Explanation | null {
  if (waiting.length === 0) return null;
  const missing = waiting.filter(({ reason }) => reason === "unknown_key_version");
  const others = new Map<string, number>();
  for (const { reason, count } of waiting) {
    if (reason === "unknown_key_version") continue;
    others.set(reasons[reason], (others.get(reasons[reason]) ?? 0) + count);
  }
  const what = [
    ...missing.map(({ keyVersion, count }) => `${nameVersion(keyVersion)}，${count} 条在等`),
    ...[...others].map(([reason, count]) => `${reason} ${count} 条`),
  ].join("；");
  const versions = missing.flatMap(({ keyVersion }) => (keyVersion > 0 ? [keyVersion] : []));
  const remedy =
    versions.length > 0
      ? `把${versions.map((version) => ` ${version}.pem `).join("、")}放进 WECOM_ARCHIVE_KEYS_DIR，系统会自动重试。`
      : "核对私钥与后台的公钥是否配对，再点“全部重试”；确认无用的可以排除。";
  return { what, remedy };
}

function nameVersion(keyVersion: number): string {
  return keyVersion > 0 ? `缺少第 ${keyVersion} 版私钥` : "没有写明私钥版本";
}

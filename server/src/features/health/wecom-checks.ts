import type { Config } from "../../config.ts";
import type { WecomClient } from "../../wecom/wecom-client.ts";
import type { Inbox } from "../callbacks/inbox.service.ts";
import type { Members } from "../members/members.service.ts";
import { attention, broken, ok } from "./health-line.ts";
import type { HealthCheck } from "./health-line.ts";
import { sayAgo } from "./spoken-time.ts";
import { remedyFor, withAddress } from "./wecom-remedy.ts";

const HOUR_MS = 3600_000;
/** A weekend without a word is no news. */
const SILENT_MS = 72 * HOUR_MS;
const DIRECTORY_OLD_MS = 26 * HOUR_MS;

const receiverNames = { app: "应用", archive: "会话存档", contacts: "通讯录" } as const;

/** How the last calls of this process went. */
export function wecomCheck(client: Pick<WecomClient, "health">): HealthCheck {
  return {
    id: "wecom",
    title: "连接企业微信",
    look(nowMs) {
      const { lastSuccessAtMs, lastFailure } = client.health();
      const success =
        lastSuccessAtMs === null
          ? "启动后还没有成功过"
          : `上次成功在${sayAgo(lastSuccessAtMs, nowMs)}`;
      if (!lastFailure) return ok(`${success}，没有失败。`);
      const { atMs, api, errcode, callerIp } = lastFailure;
      const what = errcode === "unreachable" ? "没有应答" : `错误码 ${errcode}`;
      const detail = `${success}；上次失败在${sayAgo(atMs, nowMs)}（${api}，${what}）。`;
      // A success since then was perhaps of another call, so the failure is still told.
      if (lastSuccessAtMs !== null && lastSuccessAtMs >= atMs) return ok(detail);
      const remedy =
        errcode === "unreachable"
          ? "检查服务器能否访问 WECOM_API_URL，以及防火墙和代理。"
          : withAddress(remedyFor(errcode), callerIp);
      return lastSuccessAtMs === null ? broken(detail, remedy) : attention(detail, remedy);
    },
  };
}

export function callbacksCheck(
  inbox: Pick<Inbox, "status">,
  receivers: Config["wecom"]["receivers"],
  publicUrl: string,
): HealthCheck {
  return {
    id: "callbacks",
    title: "接收回调",
    async look(nowMs) {
      const last = new Map(
        (await inbox.status()).map(({ receiver, lastReceivedAtMs }) => [
          receiver,
          lastReceivedAtMs,
        ]),
      );
      const known = (["app", "archive", "contacts"] as const).filter((name) => receivers[name]);
      const detail = known
        .map((name) => {
          const atMs = last.get(name);
          return `${receiverNames[name]}：${atMs === undefined ? "还没有收到过" : sayAgo(atMs, nowMs)}`;
        })
        .join("；");
      const newestMs = Math.max(...last.values());
      if (nowMs - newestMs > SILENT_MS) {
        const urls = known.map(
          (name) => `${receiverNames[name]}填 ${callbackUrl(publicUrl, name)}`,
        );
        return attention(
          `${detail}。`,
          `在管理后台的“接收消息服务器配置”里核对 URL（${urls.join("；")}）、Token 和 EncodingAESKey，点保存会立即验证。`,
        );
      }
      return ok(`${detail}。`);
    },
  };
}

/** What belongs into WeCom's console. */
export function callbackUrl(publicUrl: string, receiver: keyof typeof receiverNames): string {
  return `${publicUrl}/callbacks/${receiver}`;
}

export function directoryCheck(members: Pick<Members, "lastSyncedAtMs">): HealthCheck {
  return {
    id: "directory",
    title: "通讯录",
    async look(nowMs) {
      const syncedAtMs = await members.lastSyncedAtMs();
      const remedy = "检查应用的可见范围和“连接企业微信”一行，失败的任务可以在下面重试。";
      if (syncedAtMs === null) return broken("还没有同步过，成员无法登录。", remedy);
      const detail = `${sayAgo(syncedAtMs, nowMs)}同步。`;
      return nowMs - syncedAtMs > DIRECTORY_OLD_MS ? attention(detail, remedy) : ok(detail);
    },
  };
}

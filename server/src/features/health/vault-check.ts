import type { Database } from "../../platform/database/database.ts";
import { listWrappers, VaultSealedError } from "../../platform/vault/keyring.ts";
import type { OutsideKeyring, SealedReason } from "../../platform/vault/keyring.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import { broken, ok } from "./health-line.ts";
import type { Finding, HealthCheck } from "./health-line.ts";

interface Deps {
  database: Database;
  vault: Vault;
  keyring: Pick<OutsideKeyring, "whySealed" | "get">;
  /** Callbacks that wait for the key. */
  held: { count(): Promise<number> };
}

const whys: Record<SealedReason, string> = {
  missing: "没有找到数据密钥",
  foreign: "找到的密钥不是这个数据库的",
  unreadable: "读不出数据密钥（文件损坏、没有权限，或密钥服务没有应答）",
};

const FOREIGN = "请停止服务，换回与这个数据库配套的密钥文件（VAULT_KEY_FILE）。";

/**
 * Seals a value and opens it again, through the writing side of the database. Whatever else wraps a stored key must be
 * at hand, too.
 */
export function vaultCheck({ database, vault, keyring, held }: Deps): HealthCheck {
  const place = { table: "health", column: "probe", rowId: "probe" };

  async function sealed(reason: SealedReason): Promise<Finding> {
    const waiting = await held.count();
    return broken(
      `数据锁着：${whys[reason]}。聊天看不了；企业微信的回调照收，已原样存下 ${waiting} 条；会话存档在企业微信那边最多留 5 天。`,
      "放回密钥（VAULT_KEY_FILE、VAULT_KEYS 或 VAULT_KMS_URL），改环境变量要重启；文件放回后几秒内自动解锁。密钥丢了，用两份恢复份额重建：npm run keys -- recover。",
    );
  }

  async function opensWhatItSeals(): Promise<boolean> {
    const probe = "probe";
    const sealer = await database.write((tx) => vault.sealerFor(tx, ["corp"]));
    return (await vault.openText(place, sealer.seal("corp", place, probe))) === probe;
  }

  return {
    id: "vault",
    title: "数据加密",
    async look() {
      const reason = keyring.whySealed();
      if (reason) return await sealed(reason);
      try {
        for (const id of await listWrappers(database.read)) await keyring.get(id);
        if (!(await opensWhatItSeals())) return broken("解密的结果不对。", FOREIGN);
      } catch (error) {
        if (!(error instanceof VaultSealedError)) throw error;
        return broken("数据库里有用别的密钥文件加密的内容，现在打不开。", FOREIGN);
      }
      const waiting = await held.count();
      return waiting > 0
        ? broken(
            `能加密，也能解密；但有 ${waiting} 条锁着时收到的回调打不开。`,
            "多半是 EncodingAESKey 换过了：临时换回旧的，五分钟内会自动处理。",
          )
        : ok("能加密，也能解密。");
    },
  };
}

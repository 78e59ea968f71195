/** Every sentence of the page 密钥. */
import { KEY_MAX_AGE_DAYS, type KeyView } from "#shared/contract/keys";

export const text = {
  title: "密钥",
  intro: `密钥和凭据用了多久、怎么更换。密钥本身不会显示，也不离开服务器；超过 ${KEY_MAX_AGE_DAYS} 天建议更换。`,
  columns: { name: "名称", state: "状态", since: "启用" },
  empty: "没有配置",
  days: (days: number): string => (days === 0 ? "今天启用" : `已用 ${days} 天`),
  old: "该换了",
  states: { current: "使用中", retiring: "仅用于旧内容", destroyed: "已销毁" },
  sources: {
    file: "密钥放在密钥文件里（VAULT_KEY_FILE）。",
    environment: "密钥放在环境变量里（VAULT_KEYS）。",
    kms: "密钥由密钥服务加密保管（VAULT_KMS_URL）。",
  },
};

interface Group {
  kind: KeyView["kind"];
  title: string;
  hint: string;
  /** How it is changed, step by step. */
  steps: readonly string[];
}

export const groups: readonly Group[] = [
  {
    kind: "vault",
    title: "保管库密钥",
    hint: "所有聊天和个人信息的数据密钥都由它加密。",
    steps: [
      "在服务器上执行 npm run keys -- rotate：生成新密钥，并逐个重新加密数据密钥，不用停机。",
      "完成后执行 npm run keys -- shares，打印新的恢复份额，分给三个人保管，收回旧的。",
      "旧备份都过期后，执行 npm run keys -- retire <编号> 销毁旧密钥。",
    ],
  },
  {
    kind: "archive",
    title: "会话存档密钥对",
    hint: "企业微信用公钥加密消息，这里用私钥解开。旧的私钥要一直保留，否则旧消息打不开。",
    steps: [
      "生成新的密钥对：openssl genrsa -out 2.pem 2048（文件名是新的版本号）。",
      "先把私钥放进 WECOM_ARCHIVE_KEYS_DIR，再到企业微信管理后台 → 会话内容存档，换上新的公钥。",
      "看“运行状态”里的存档密钥是否正常；不要删除旧的私钥。",
    ],
  },
  {
    kind: "callback",
    title: "回调密钥",
    hint: "Token 和 EncodingAESKey，用来核对回调确实来自企业微信。",
    steps: [
      "在企业微信管理后台的接收消息页面重新生成 Token 和 EncodingAESKey，先不要保存。",
      "把新的值写进 .env 并重启服务，再回到管理后台点保存。",
      "看“运行状态”里的回调是否正常。中间漏掉的回调会自动补查。",
    ],
  },
  {
    kind: "secret",
    title: "接口凭据",
    hint: "调用企业微信接口用的 Secret。",
    steps: [
      "在企业微信管理后台重置对应的 Secret。重置后旧的立刻失效，请在空闲时做。",
      "把新的值写进 .env 并重启服务。",
      "看“运行状态”里的企业微信接口是否正常。",
    ],
  },
];

const names: Readonly<Record<string, string>> = {
  "callback:app": "应用回调",
  "callback:archive": "会话存档回调",
  "callback:contacts": "通讯录回调",
  "secret:app": "应用 Secret",
  "secret:archive": "会话存档 Secret",
  "secret:contacts": "通讯录 Secret",
};

export function nameOf({ id, kind }: KeyView): string {
  const own = id.slice(id.indexOf(":") + 1);
  if (kind === "archive") return `第 ${own} 版`;
  return names[id] ?? own;
}

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import type { S3Options } from "./platform/objects/s3-store.ts";
import { Secret } from "./platform/secret.ts";
import type { AuthoritySettings } from "./platform/time-stamp/authority.ts";
import type { KeySettings } from "./platform/vault/key-source.ts";

/**
 * The settings: read once from the environment, checked, immutable. Every problem is named in one
 * message with its remedy. `.env.example` explains each variable to the person who fills it in.
 */
export interface Config {
  port: number;
  host: string;
  /** Origin under which WeCom and browsers reach us (the trusted domain), without a trailing slash. */
  publicUrl: string;
  databaseUrl: string;
  dataDir: string;
  logLevel: string;
  vaultKey: KeySettings;
  /** For so long backups are kept, and may hold what was destroyed. */
  backupRetentionDays: number;
  ledgerKeyFile: string;
  /** Who stamps the ledger's heads with the time; null: nobody. */
  timeStamps: AuthoritySettings | null;
  /** Ids of the members who may write rules. */
  adminMemberIds: readonly string[];
  media: MediaConfig;
  /** Whether an index of what was said is kept, and where; see `.env.example` for what it leaks. */
  searchIndex: "off" | "database" | OpenSearchConfig;
  wecom: WecomConfig;
}

export interface OpenSearchConfig {
  url: string;
  user: string;
  password: Secret | null;
}

/** Where files of archived messages lie, sealed. */
export interface MediaConfig {
  /** Also for files on their way into the S3 store. */
  dir: string;
  /** Null: in that folder. */
  s3: S3Options | null;
}

export interface WecomConfig {
  corpId: string;
  agentId: number;
  appSecret: Secret;
  archiveSecret: Secret | null;
  contactsSecret: Secret | null;
  /** One receiver each callback address; a missing one answers 404. */
  receivers: Partial<Record<CallbackReceiver, ReceiverConfig>>;
  /** Folder of the archive's private keys, `<version>.pem`. */
  archiveKeysDir: string;
  /** WeCom's own archive library; null when none is set. */
  archiveSdk: ArchiveSdkConfig | null;
  apiUrl: string;
  oauthUrl: string;
  loginUrl: string;
}

export interface ArchiveSdkConfig {
  /** Path of libWeWorkFinanceSdk_C.so. */
  library: string;
  /** `http://…` or `socks5://…`; "" for none. */
  proxy: string;
  /** `user:password` */
  proxyPassword: Secret | null;
  /** Of each call to WeCom. */
  timeoutSeconds: number;
}

export type CallbackReceiver = "app" | "archive" | "contacts";

export interface ReceiverConfig {
  token: Secret;
  encodingAesKey: Secret;
}

/** The message for a person: every wrong setting at once. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

const origin = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    message: "must be an address such as https://wecom.example.com",
  })
  .transform((text) => text.replace(/\/+$/, ""));

/** Nobody on the way may read or change what is asked there; on this machine there is no way. */
function isPrivateAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  const isLoopback = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  const isSafe = protocol === "https:" || (protocol === "http:" && isLoopback);
  return isSafe && username === "" && password === "";
}

const secret = z
  .string()
  .min(1, "is missing")
  .transform((text) => new Secret(text));

const callbackToken = z
  .string()
  .regex(
    /^[A-Za-z0-9]{1,32}$/,
    "must be the Token from the admin console: up to 32 letters and digits",
  )
  .transform((text) => new Secret(text));

const callbackAesKey = z
  .string()
  .regex(
    /^[A-Za-z0-9]{43}$/,
    "must be the EncodingAESKey from the admin console: 43 letters and digits",
  )
  .transform((text) => new Secret(text));

const settings = z.object({
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  HOST: z.string().default("127.0.0.1"),
  PUBLIC_URL: origin,
  DATABASE_URL: z
    .string()
    .regex(
      /^(sqlite:.+|mysql:\/\/.+)$/,
      "must be mysql://user:password@host:3306/name or sqlite:<file>",
    )
    .optional(),
  DATA_DIR: z.string().default("data"),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  VAULT_KEY_FILE: z.string().optional(),
  VAULT_KEYS: z
    .string()
    .regex(
      /^[0-9a-fA-F]{64}(,[0-9a-fA-F]{64})*$/,
      "must be 64 hexadecimal digits, several keys comma separated",
    )
    .transform((text) => new Secret(text))
    .optional(),
  VAULT_KMS_URL: origin.optional(),
  VAULT_KMS_TOKEN: secret.optional(),
  BACKUP_RETENTION_DAYS: z.coerce.number().int().min(1).max(3650).default(30),
  LEDGER_KEY_FILE: z.string().optional(),
  TSA_URL: z
    .string()
    .refine(isPrivateAddress, {
      message:
        "must be an https address without a password in it, such as https://tsa.example.com/tsr",
    })
    .optional(),
  TSA_CA_FILE: z.string().optional(),
  ADMIN_MEMBER_IDS: z.string().min(1, "must name at least one member id, comma separated"),
  MEDIA_DIR: z.string().optional(),
  MEDIA_S3_BUCKET: z.string().optional(),
  MEDIA_S3_ENDPOINT: origin.optional(),
  MEDIA_S3_REGION: z.string().default("us-east-1"),
  MEDIA_S3_PATH_STYLE: z.enum(["yes", "no"]).default("no"),
  MEDIA_S3_ACCESS_KEY_ID: z.string().optional(),
  MEDIA_S3_SECRET_ACCESS_KEY: secret.optional(),
  SEARCH_INDEX: z.enum(["off", "database", "opensearch"]).default("off"),
  SEARCH_OPENSEARCH_URL: origin.optional(),
  SEARCH_OPENSEARCH_USER: z.string().default(""),
  SEARCH_OPENSEARCH_PASSWORD: secret.optional(),
  WECOM_CORP_ID: z.string().min(1, "is missing (企业ID, 我的企业 → 企业信息)"),
  WECOM_AGENT_ID: z.coerce.number("must be the AgentId of the app").int().positive(),
  WECOM_APP_SECRET: secret,
  WECOM_CALLBACK_TOKEN: callbackToken,
  WECOM_CALLBACK_AES_KEY: callbackAesKey,
  WECOM_ARCHIVE_SECRET: secret.optional(),
  WECOM_ARCHIVE_CALLBACK_TOKEN: callbackToken.optional(),
  WECOM_ARCHIVE_CALLBACK_AES_KEY: callbackAesKey.optional(),
  WECOM_ARCHIVE_KEYS_DIR: z.string().optional(),
  WECOM_ARCHIVE_SDK_LIB: z.string().optional(),
  WECOM_ARCHIVE_PROXY: z
    .string()
    .regex(/^(http|socks5):\/\/[^/@]+$/, "must look like http://host:port or socks5://host:port")
    .default(""),
  WECOM_ARCHIVE_PROXY_PASSWORD: z
    .string()
    .regex(/^[^:]+:/, "must look like user:password")
    .transform((text) => new Secret(text))
    .optional(),
  WECOM_ARCHIVE_TIMEOUT_SECONDS: z.coerce.number().int().min(1).max(60).default(10),
  WECOM_CONTACTS_SECRET: secret.optional(),
  WECOM_CONTACTS_CALLBACK_TOKEN: callbackToken.optional(),
  WECOM_CONTACTS_CALLBACK_AES_KEY: callbackAesKey.optional(),
  WECOM_API_URL: origin.default("https://qyapi.weixin.qq.com"),
  WECOM_OAUTH_URL: origin.default("https://open.weixin.qq.com"),
  WECOM_LOGIN_URL: origin.default("https://login.work.weixin.qq.com"),
});

/** The names of all variables, for the test that holds `.env.example` against them. */
export const settingNames: readonly string[] = Object.keys(settings.shape);

/** Throws `ConfigError` with a sentence for each wrong variable. An empty variable counts as not set. */
export function loadConfig(environment: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = settings.safeParse(given);
  const problems = parsed.success
    ? groupProblems(given)
    : [...describe(parsed.error, given), ...groupProblems(given)];
  if (!parsed.success || problems.length > 0) {
    throw new ConfigError(
      `These settings are wrong (see .env.example for each):\n${problems.map((line) => `  - ${line}`).join("\n")}`,
    );
  }
  return toConfig(parsed.data);
}

/** `.env` in the working directory, under what the environment itself says. */
export function readEnvironment(): Record<string, string | undefined> {
  if (existsSync(".env")) process.loadEnvFile(".env");
  return process.env;
}

function describe(error: z.ZodError, given: Record<string, unknown>): string[] {
  return error.issues.map((issue) => {
    const name = String(issue.path[0]);
    return `${name} ${name in given ? issue.message : "is missing"}`;
  });
}

/** Settings that make sense only together. */
const groups = [
  ["WECOM_ARCHIVE_CALLBACK_TOKEN", "WECOM_ARCHIVE_CALLBACK_AES_KEY"],
  ["WECOM_CONTACTS_CALLBACK_TOKEN", "WECOM_CONTACTS_CALLBACK_AES_KEY"],
  ["VAULT_KMS_URL", "VAULT_KMS_TOKEN"],
  ["MEDIA_S3_BUCKET", "MEDIA_S3_ACCESS_KEY_ID", "MEDIA_S3_SECRET_ACCESS_KEY"],
];

function groupProblems(given: Record<string, unknown>): string[] {
  const lacksServer = given["SEARCH_INDEX"] === "opensearch" && !("SEARCH_OPENSEARCH_URL" in given);
  const problems = lacksServer
    ? ["SEARCH_OPENSEARCH_URL is missing: SEARCH_INDEX=opensearch needs it"]
    : [];
  const incomplete = groups.flatMap((names) => {
    const missing = names.filter((name) => !(name in given));
    if (missing.length === 0 || missing.length === names.length) return [];
    const together = names.length === 2 ? "both of the pair" : `all of ${names.join(", ")}`;
    return missing.map((name) => `${name} is missing: set ${together} or none`);
  });
  return [...problems, ...incomplete];
}

function toConfig(values: z.output<typeof settings>): Config {
  const dataDir = resolve(values.DATA_DIR);
  return Object.freeze({
    port: values.PORT,
    host: values.HOST,
    publicUrl: values.PUBLIC_URL,
    databaseUrl: values.DATABASE_URL ?? `sqlite:${join(dataDir, "product.sqlite")}`,
    dataDir,
    logLevel: values.LOG_LEVEL,
    ledgerKeyFile: resolve(values.LEDGER_KEY_FILE ?? join(dataDir, "ledger.key")),
    timeStamps:
      values.TSA_URL === undefined
        ? null
        : { url: values.TSA_URL, caFile: values.TSA_CA_FILE ? resolve(values.TSA_CA_FILE) : null },
    backupRetentionDays: values.BACKUP_RETENTION_DAYS,
    vaultKey: {
      file: resolve(values.VAULT_KEY_FILE ?? join(dataDir, "vault.key")),
      keys: values.VAULT_KEYS ?? null,
      kms: keyService(values),
    },
    adminMemberIds: values.ADMIN_MEMBER_IDS.split(",").map((id) => id.trim().toLowerCase()),
    media: { dir: resolve(values.MEDIA_DIR ?? join(dataDir, "media")), s3: s3Store(values) },
    searchIndex: searchIndex(values),
    wecom: {
      corpId: values.WECOM_CORP_ID,
      agentId: values.WECOM_AGENT_ID,
      appSecret: values.WECOM_APP_SECRET,
      archiveSecret: values.WECOM_ARCHIVE_SECRET ?? null,
      contactsSecret: values.WECOM_CONTACTS_SECRET ?? null,
      receivers: {
        ...receiver("app", values.WECOM_CALLBACK_TOKEN, values.WECOM_CALLBACK_AES_KEY),
        ...receiver(
          "archive",
          values.WECOM_ARCHIVE_CALLBACK_TOKEN,
          values.WECOM_ARCHIVE_CALLBACK_AES_KEY,
        ),
        ...receiver(
          "contacts",
          values.WECOM_CONTACTS_CALLBACK_TOKEN,
          values.WECOM_CONTACTS_CALLBACK_AES_KEY,
        ),
      },
      archiveKeysDir: resolve(values.WECOM_ARCHIVE_KEYS_DIR ?? join(dataDir, "archive-keys")),
      archiveSdk: archiveSdk(values),
      apiUrl: values.WECOM_API_URL,
      oauthUrl: values.WECOM_OAUTH_URL,
      loginUrl: values.WECOM_LOGIN_URL,
    },
  });
}

function keyService(values: z.output<typeof settings>): KeySettings["kms"] {
  const { VAULT_KMS_URL: url, VAULT_KMS_TOKEN: token } = values;
  return url !== undefined && token ? { url, token } : null;
}

function s3Store(values: z.output<typeof settings>): S3Options | null {
  const { MEDIA_S3_BUCKET: bucket, MEDIA_S3_ACCESS_KEY_ID: accessKeyId } = values;
  const { MEDIA_S3_SECRET_ACCESS_KEY: secretAccessKey } = values;
  if (bucket === undefined || accessKeyId === undefined || !secretAccessKey) return null;
  return {
    bucket,
    endpoint: values.MEDIA_S3_ENDPOINT ?? null,
    region: values.MEDIA_S3_REGION,
    usesPathStyle: values.MEDIA_S3_PATH_STYLE === "yes",
    accessKeyId,
    secretAccessKey,
  };
}

function searchIndex(values: z.output<typeof settings>): Config["searchIndex"] {
  const url = values.SEARCH_OPENSEARCH_URL;
  if (values.SEARCH_INDEX !== "opensearch" || url === undefined) {
    return values.SEARCH_INDEX === "database" ? "database" : "off";
  }
  const password = values.SEARCH_OPENSEARCH_PASSWORD ?? null;
  return { url, user: values.SEARCH_OPENSEARCH_USER, password };
}

function archiveSdk(values: z.output<typeof settings>): ArchiveSdkConfig | null {
  if (values.WECOM_ARCHIVE_SDK_LIB === undefined) return null;
  return {
    library: resolve(values.WECOM_ARCHIVE_SDK_LIB),
    proxy: values.WECOM_ARCHIVE_PROXY,
    proxyPassword: values.WECOM_ARCHIVE_PROXY_PASSWORD ?? null,
    timeoutSeconds: values.WECOM_ARCHIVE_TIMEOUT_SECONDS,
  };
}

function receiver(
  name: CallbackReceiver,
  token: Secret | undefined,
  encodingAesKey: Secret | undefined,
): Partial<Record<CallbackReceiver, ReceiverConfig>> {
  return token && encodingAesKey ? { [name]: { token, encodingAesKey } } : {};
}

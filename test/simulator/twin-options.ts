import type { Company } from "./company/model.ts";
import type { Receiver } from "./corp.ts";

export interface TwinOptions {
  company: Company;
  /** Where the product finds the corp's private keys, one `<version>.pem` each. */
  archiveKeysDir: string;
  /** The state; `:memory:` (default) for a twin that forgets. */
  dataFile?: string;
  /** 0 (default) takes any free port. */
  port?: number;
  gatewayPort?: number;
  /** The name in the addresses, default `localhost`: both ports share it, and so do cookies. */
  host?: string;
  /** Where the product listens; may come later through `setApp`. */
  appUrl?: string;
  /** The trusted domain, when it is not the gateway. */
  publicUrl?: string;
  /** Folder of the built pages of the twin. */
  clientDist?: string;
  callbackPaths?: Partial<Record<Receiver, string>>;
  /** Pause before each retry of a callback, default 1 s. */
  callbackRetryDelayMs?: number;
  /** How long the product may take to answer a callback, default 5 s. */
  callbackDeadlineMs?: number;
  /** Least time between two notices of new archive items, default 15 s. */
  notifyIntervalMs?: number;
  /** Who may administer the app; by default the members whose position says so. */
  adminIds?: string[];
  nowMs?: () => number;
  onProgress?: (done: number, total: number) => void;
  log?: (line: string) => void;
}

/** The options with every default filled in. */
export type TwinSettings = Required<Omit<TwinOptions, OptionalText>> & {
  [Name in OptionalText]: string | null;
} & { callbackPaths: Record<Receiver, string> };

type OptionalText = "appUrl" | "publicUrl" | "clientDist";

const ADMIN_POSITIONS = /管理员|信息技术|合规/;

export function completeOptions(options: TwinOptions): TwinSettings {
  return {
    company: options.company,
    archiveKeysDir: options.archiveKeysDir,
    dataFile: options.dataFile ?? ":memory:",
    port: options.port ?? 0,
    gatewayPort: options.gatewayPort ?? 0,
    host: options.host ?? "localhost",
    appUrl: options.appUrl ?? null,
    publicUrl: options.publicUrl ?? null,
    clientDist: options.clientDist ?? null,
    callbackPaths: {
      app: "/callbacks/app",
      archive: "/callbacks/archive",
      contacts: "/callbacks/contacts",
      ...options.callbackPaths,
    },
    callbackRetryDelayMs: options.callbackRetryDelayMs ?? 1000,
    callbackDeadlineMs: options.callbackDeadlineMs ?? 5000,
    notifyIntervalMs: options.notifyIntervalMs ?? 15_000,
    adminIds: options.adminIds ?? findAdmins(options.company),
    nowMs: options.nowMs ?? Date.now,
    onProgress: options.onProgress ?? (() => undefined),
    log: options.log ?? ((line) => void process.stderr.write(`[twin] ${line}\n`)),
  };
}

function findAdmins({ members }: Company): string[] {
  const found = members.filter(({ position }) => ADMIN_POSITIONS.test(position));
  return (found.length > 0 ? found : members.slice(0, 1)).map(({ id }) => id);
}

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createArchiveNotifier } from "./archive-notifier.ts";
import { buildWorld } from "./build-world.ts";
import { createGateway } from "./gateway.ts";
import { openStore, type Store } from "./store.ts";
import { createControls, eventOf, type TwinControls } from "./twin-controls.ts";
import { completeOptions, type TwinOptions, type TwinSettings } from "./twin-options.ts";
import { createWeb } from "./web.ts";
import type { World } from "./world.ts";

/** A running WeCom of one corp. */
export interface Twin extends TwinControls {
  readonly url: string;
  /** The product's public address: the web view in front of it. */
  readonly gatewayUrl: string;
  /** The product's environment for this corp. */
  settings: () => Record<string, string>;
  setApp: (url: string) => void;
  readonly world: World;
  close: () => Promise<void>;
}

/** Starts the twin's two servers over one data file; a start that fails leaves nothing open. */
export async function startTwin(options: TwinOptions): Promise<Twin> {
  const settings = completeOptions(options);
  const store = openStore(settings.dataFile);
  try {
    return await startOver(store, settings);
  } catch (error) {
    store.close();
    throw error;
  }
}

async function startOver(store: Store, settings: TwinSettings): Promise<Twin> {
  const address = { url: "", gatewayUrl: "", appUrl: settings.appUrl };
  const notifier = createArchiveNotifier(settings.notifyIntervalMs, settings.nowMs, () => {
    const fields = { AgentID: world.corp.archiveAgentId, Event: "msgaudit_notify" };
    void world.callbacks.send("archive", eventOf(world, "sys", fields));
  });
  const world = buildWorld(store, settings, {
    notifier,
    url: () => address.url,
    publicUrl: () => settings.publicUrl ?? address.gatewayUrl,
  });
  const setApp = (url: string) => {
    address.appUrl = url;
    world.callbacks.setApp(url);
  };
  if (settings.appUrl !== null) setApp(settings.appUrl);

  const gateway = createGateway({
    appUrl: () => address.appUrl,
    clientOrigin: () => address.url,
  });
  const web = createWeb(world, settings).callback();
  const servers = [createServer((request, response) => void web(request, response)), gateway];
  const { host, port, gatewayPort } = settings;
  [address.url, address.gatewayUrl] = await listenAll(servers, host, [port, gatewayPort]);

  return {
    url: address.url,
    gatewayUrl: address.gatewayUrl,
    settings: () => productSettings(world, settings.archiveKeysDir),
    setApp,
    ...createControls(world),
    world,
    async close() {
      notifier.close();
      await world.callbacks.close();
      await Promise.all(servers.map(stop));
      store.close();
    },
  };
}

/** Opens both addresses, or neither. */
async function listenAll(servers: Server[], host: string, ports: number[]) {
  try {
    for (const [index, server] of servers.entries()) await listen(server, host, ports[index] ?? 0);
  } catch (error) {
    await Promise.all(servers.map(stop));
    throw error;
  }
  return servers.map((server) => {
    return `http://${host}:${(server.address() as AddressInfo).port}`;
  }) as [string, string];
}

/** `localhost` is a name for two addresses; one is enough and the same on every machine. */
function listenHost(host: string): string {
  return host === "localhost" ? "127.0.0.1" : host;
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, listenHost(host), () => resolve());
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function productSettings(world: World, keysDir: string): Record<string, string> {
  const { corp, adminIds } = world;
  const { app, archive, contacts } = corp.receiverKeys;
  return {
    PUBLIC_URL: world.publicUrl(),
    WECOM_CORP_ID: corp.corpId,
    WECOM_AGENT_ID: String(corp.agentId),
    WECOM_APP_SECRET: corp.secrets.app,
    WECOM_CALLBACK_TOKEN: app.token,
    WECOM_CALLBACK_AES_KEY: app.encodingAesKey,
    WECOM_ARCHIVE_SECRET: corp.secrets.archive,
    WECOM_ARCHIVE_CALLBACK_TOKEN: archive.token,
    WECOM_ARCHIVE_CALLBACK_AES_KEY: archive.encodingAesKey,
    WECOM_CONTACTS_SECRET: corp.secrets.contacts,
    WECOM_CONTACTS_CALLBACK_TOKEN: contacts.token,
    WECOM_CONTACTS_CALLBACK_AES_KEY: contacts.encodingAesKey,
    WECOM_ARCHIVE_KEYS_DIR: keysDir,
    WECOM_API_URL: world.url(),
    WECOM_OAUTH_URL: world.url(),
    WECOM_LOGIN_URL: world.url(),
    ADMIN_MEMBER_IDS: adminIds.join(","),
  };
}

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { withAttachments } from "./company/attachments.ts";
import { companyWithDialogues, generateCompany, loadDialogues } from "./company/company.ts";
import type { Company } from "./company/model.ts";
import { createWorkingClock } from "./company/timing.ts";
import { startSdkEndpoint } from "./sdk-endpoint.ts";
import { startTwin, type Twin } from "./twin.ts";

/** The demo company is the same on every machine. */
const SEED = 20_261_123;

async function main(): Promise<void> {
  const dataDir = path.resolve(process.env["TWIN_DATA_DIR"] ?? "data/twin");
  const appUrl = process.env["TWIN_APP_URL"];
  mkdirSync(dataDir, { recursive: true });
  const twin = await startTwin({
    company: loadCompany(process.env["TWIN_DIALOGUES"]),
    archiveKeysDir: path.join(dataDir, "archive-keys"),
    dataFile: path.join(dataDir, "twin.sqlite"),
    port: readPort("TWIN_PORT"),
    gatewayPort: readPort("TWIN_GATEWAY_PORT"),
    clientDist: path.resolve(process.env["TWIN_CLIENT_DIST"] ?? "dist/test/simulator/client"),
    onProgress: printProgress,
    ...(appUrl === undefined ? {} : { appUrl }),
  });
  writeFileSync(path.join(dataDir, "settings.json"), JSON.stringify(twin.settings(), null, 2), {
    mode: 0o600,
  });
  // For WeCom's real archive library, which finds the twin through this proxy only.
  const hasSdkEndpoint = process.env["TWIN_SDK_PROXY_PORT"] !== undefined;
  const sdkEndpoint = hasSdkEndpoint
    ? await startSdkEndpoint({ twinUrl: twin.url, port: readPort("TWIN_SDK_PROXY_PORT") })
    : null;
  const sdkProxyUrl = sdkEndpoint?.proxyUrl ?? null;
  print({ ready: true, url: twin.url, gatewayUrl: twin.gatewayUrl, sdkProxyUrl });
  closeOn(["SIGTERM", "SIGINT"], twin);
}

function loadCompany(dialogueFolder: string | undefined): Company {
  const company = chattingByDay(withAttachments(generateCompany(SEED)), Date.now());
  if (dialogueFolder === undefined || dialogueFolder === "") return company;
  return companyWithDialogues(company, loadDialogues(dialogueFolder));
}

/** Ages in which nobody chats at night, whatever the hour of the first start. */
function chattingByDay(company: Company, nowMs: number): Company {
  const timeOf = createWorkingClock(nowMs);
  const conversations = company.conversations.map((conversation) => ({
    ...conversation,
    messages: conversation.messages.map((message) => ({
      ...message,
      agoMs: nowMs - timeOf(message.agoMs),
    })),
  }));
  return { ...company, conversations };
}

function readPort(name: string): number {
  const port = Number(process.env[name] ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`${name} must be a port number between 0 and 65535.`);
  }
  return port;
}

function printProgress(done: number, total: number): void {
  print({ progress: { done, total } });
}

/** One JSON object a line on stdout; the starter reads it. */
function print(line: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function closeOn(signals: NodeJS.Signals[], twin: Twin): void {
  for (const signal of signals) {
    process.once(signal, () => {
      void twin.close().then(() => process.exit(0));
    });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`The WeCom twin could not start: ${String(error)}\n`);
  process.exitCode = 1;
});

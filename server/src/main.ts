import { createServer } from "node:http";
import { compose } from "./compose.ts";
import { ConfigError, loadConfig, readEnvironment } from "./config.ts";
import type { Config } from "./config.ts";

/** Start and graceful stop, nothing else. */

const STOP_TIMEOUT_MS = 10_000;

function readConfig(): Config {
  try {
    return loadConfig(readEnvironment());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

/** TypeScript when this file is. */
function workerFile(name: "archive/decrypt" | "archive/search" | "media/voice"): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./features/${name}.worker.${extension}`, import.meta.url).pathname;
}

const config = readConfig();
const product = await compose(config, {
  decryptWorkerFile: workerFile("archive/decrypt"),
  searchWorkerFile: workerFile("archive/search"),
  voiceWorkerFile: workerFile("media/voice"),
  sdkHostProgram: "dist/native/finance-sdk-host",
  evidenceDir: "server/evidence",
  pagesDir: "dist/sidebar-web",
});
const server = createServer(product.handler);
server.requestTimeout = 30_000;
server.headersTimeout = 10_000;
server.listen(config.port, config.host, () => {
  product.log.info(server.address(), "listening");
  product.start();
});

let isStopping = false;
async function stop(signal: string): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  product.log.info({ signal }, "stopping");
  setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
  server.close();
  await product.stop();
  server.closeAllConnections();
}
process.once("SIGTERM", (signal) => void stop(signal));
process.once("SIGINT", (signal) => void stop(signal));

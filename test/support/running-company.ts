import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { DestinationStream } from "pino";
import { compose } from "../../server/src/compose.ts";
import type { Product } from "../../server/src/compose.ts";
import { loadConfig } from "../../server/src/config.ts";
import type { Config } from "../../server/src/config.ts";
import type { Company } from "../simulator/company/model.ts";
import { startTwin } from "../simulator/twin.ts";
import type { Twin } from "../simulator/twin.ts";
import { hostProgram } from "./native.ts";

/** A company at work: the twin and the product, with nothing between them but HTTP. */
export interface RunningCompany extends RunningProduct {
  twin: Twin;
  /** Where the product keeps its key file and, unless told otherwise, its database. */
  dataDir: string;
  /** One more process's worth of the product on the same database, key and settings. */
  startAnother(): Promise<RunningProduct>;
  close(): Promise<void>;
}

export interface RunningProduct {
  product: Product;
  /** The product's own address, for callers who are not the client (WeCom's servers, machines). */
  appUrl: string;
  /** Once is enough; closing the company stops it as well. */
  stop(): Promise<void>;
}

export interface CompanyOptions {
  company: Company;
  /** Default: SQLite in a folder of the test's own. */
  databaseUrl?: string;
  /** Over what the twin says; a function is told where the twin is. */
  settings?: Record<string, string> | ((twin: Twin) => Record<string, string>);
  notifyIntervalMs?: number;
  /** Takes the log's lines; with `settings.LOG_LEVEL` it is for tests of the log itself. */
  logDestination?: DestinationStream;
  /** How many products start at the same moment on the one database; default 1. */
  products?: number;
}

export async function startCompany(options: CompanyOptions): Promise<RunningCompany> {
  const folder = mkdtempSync(join(tmpdir(), "company-"));
  const dataDir = join(folder, "product");
  const twin = await startTwin({
    company: options.company,
    archiveKeysDir: join(folder, "archive-keys"),
    clientDist: resolve("dist/test/simulator/client"),
    notifyIntervalMs: options.notifyIntervalMs ?? 15_000,
    callbackRetryDelayMs: 50,
    log: () => undefined,
  });
  const config = loadConfig({
    LOG_LEVEL: process.env["TEST_LOG_LEVEL"] ?? "silent",
    ...twin.settings(),
    DATA_DIR: dataDir,
    ...(options.databaseUrl ? { DATABASE_URL: options.databaseUrl } : {}),
    ...(typeof options.settings === "function" ? options.settings(twin) : options.settings),
  });
  const running: RunningProduct[] = [];
  const startOne = async (): Promise<RunningProduct> => {
    const one = await startProduct(config, options.logDestination);
    running.push(one);
    return one;
  };
  const close = async (): Promise<void> => {
    await twin.close();
    await Promise.all(running.map((one) => one.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  const starts = Array.from({ length: options.products ?? 1 }, startOne);
  const first = await Promise.allSettled(starts)
    .then(() => Promise.all(starts))
    .then(([product]) => product!)
    .catch(async (error: unknown) => {
      // What did start must not keep the test's process alive.
      await close();
      throw error;
    });
  twin.setApp(first.appUrl);
  for (const { product } of running) product.start();
  return {
    twin,
    dataDir,
    ...first,
    async startAnother() {
      const another = await startOne();
      another.product.start();
      return another;
    },
    close,
  };
}

async function startProduct(
  config: Config,
  logDestination?: DestinationStream,
): Promise<RunningProduct> {
  const product = await compose(config, {
    decryptWorkerFile: resolve("server/src/features/archive/decrypt.worker.ts"),
    searchWorkerFile: resolve("server/src/features/archive/search.worker.ts"),
    voiceWorkerFile: resolve("server/src/features/media/voice.worker.ts"),
    workerExecArgv: ["--conditions=source", "--import", "tsx"],
    sdkHostProgram: hostProgram,
    evidenceDir: resolve("server/evidence"),
    pagesDir: resolve("dist/sidebar-web"),
    ...(logDestination ? { logDestination } : {}),
  });
  const server = createServer(product.handler);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    await product.stop();
  };
  return {
    product,
    appUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => (stopping ??= stop()),
  };
}

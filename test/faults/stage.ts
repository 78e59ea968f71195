import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTwin } from "../simulator/twin.ts";
import type { Twin } from "../simulator/twin.ts";
import { eventually } from "../support/eventually.ts";
import { openLine } from "../support/line.ts";
import type { Line } from "../support/line.ts";
import { twoTeams } from "../support/main-job-world.ts";
import { doubleLibrary } from "../support/native.ts";
import { startServer } from "./server-process.ts";
import type { ServerProcess } from "./server-process.ts";
import type { DatabaseMaker, StageDatabase } from "./stage-database.ts";

/** How the product gets the archive: the twin's HTTP interface, or the C host with the library's double. */
export type Source = "http" | "library";

export interface StageOptions {
  maker: DatabaseMaker;
  source: Source;
  servers: number;
}

/** One company for one round: the twin, the real product in processes of its own, and what may go wrong between them. */
export interface Stage {
  readonly source: Source;
  readonly twin: Twin;
  readonly database: StageDatabase;
  readonly servers: readonly ServerProcess[];
  /** Between the product and WeCom. */
  readonly line: Line;
  /** Where the product's key file and its media lie. */
  readonly dataDir: string;
  /** So many files at most are gone at WeCom before they were fetched. */
  filesGone: number;
  /** Lets WeCom and browsers reach one of the servers that listen; false when none does. */
  openEntrance(prefer: number): boolean;
  close(): Promise<void>;
}

const START_WITHIN_MS = 60_000;

export async function openStage({ maker, source, servers: count }: StageOptions): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "faults-"));
  const dataDir = join(folder, "product");
  const database = await maker.make(dataDir);
  const twin = await startTwin({
    company: twoTeams(),
    archiveKeysDir: join(folder, "archive-keys"),
    notifyIntervalMs: 500,
    callbackRetryDelayMs: 100,
    log: () => undefined,
  });
  const line = await openLine();
  line.leadTo(twin.url);
  const entrance = await openLine();
  twin.setApp(entrance.url);
  const env = {
    PATH: process.env["PATH"] ?? "",
    ...database.env,
    ...twin.settings(),
    PORT: "0",
    DATA_DIR: dataDir,
    DATABASE_URL: database.url,
    WECOM_API_URL: line.url,
    ...(source === "library" ? { WECOM_ARCHIVE_SDK_LIB: doubleLibrary } : {}),
  };
  const servers = Array.from({ length: count }, (_, index) =>
    startServer(`server ${index + 1}`, env),
  );
  const openEntrance = (prefer: number): boolean => {
    const urls = servers.map((server) => server.url());
    const url = urls[prefer % count] ?? urls.find((one) => one !== null) ?? null;
    if (url !== null) entrance.leadTo(url);
    return url !== null;
  };
  const stage: Stage = {
    source,
    twin,
    database,
    servers,
    line,
    dataDir,
    filesGone: 0,
    openEntrance,
    async close() {
      for (const server of servers) server.thaw();
      await Promise.all(servers.map((server) => server.stop()));
      await twin.close();
      await Promise.all([line.close(), entrance.close()]);
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await eventually(() => openEntrance(0), Boolean, START_WITHIN_MS);
    return stage;
  } catch (error) {
    await stage.close();
    throw new Error(`no server has started: ${servers.map(describe).join("; ")}`, { cause: error });
  }
}

function describe({ name, failures, troubles }: ServerProcess): string {
  return `${name}: ${[...failures, ...troubles].join("\n")}`;
}

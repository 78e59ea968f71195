import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { eventually } from "../support/eventually.ts";

const PROGRAM = "/usr/sbin/mariadbd";

export const hasMariadb = existsSync(PROGRAM);

/** A MariaDB server of the test's own, which may be killed; nothing else knows of it. */
export interface PrivateMariadb {
  /** Its administrator's address, without a database. */
  url: string;
  start(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

const START_WITHIN_MS = 60_000;

export async function startPrivateMariadb(): Promise<PrivateMariadb> {
  const folder = mkdtempSync(join(tmpdir(), "faults-mariadb-"));
  const user = process.getuid?.() === 0 ? ["--user=root"] : [];
  const common = ["--no-defaults", `--datadir=${join(folder, "data")}`, ...user];
  const install = ["--auth-root-authentication-method=normal", "--skip-test-db"];
  execFileSync("mariadb-install-db", [...common, ...install], { stdio: "ignore" });
  const port = await findFreePort();
  const url = `mysql://root@127.0.0.1:${port}`;
  const args = [
    ...common,
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    `--socket=${join(folder, "socket")}`,
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=32M",
  ];
  let server: ChildProcess | null = null;

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    server.kill(signal);
    await ended;
  }

  const start = async (): Promise<void> => {
    server = spawn(PROGRAM, args, { stdio: "ignore" });
    await eventually(() => answers(url), Boolean, START_WITHIN_MS);
  };
  await start();
  // Nobody else would end it.
  process.once("exit", () => server?.kill("SIGKILL"));
  return {
    url,
    start,
    kill: () => end("SIGKILL"),
    async close() {
      await end("SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    const connection = await createConnection({ uri: url, connectTimeout: 2000 });
    await connection.end();
    return true;
  } catch {
    return false;
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

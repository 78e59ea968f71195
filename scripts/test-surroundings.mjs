// What the tests need from the machine: a Chromium with a Chinese font, a MySQL or MariaDB server,
// a C compiler and openssl.
// With root and apt they are installed; anyone else is told in one sentence how to get them.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, run, step } from "./steps.mjs";

const browsers = [
  process.env.CHROMIUM_PATH,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const canInstall = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
let isListFresh = false;

async function aptInstall(title, packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await step(title, async () => {
    if (!isListFresh) await run("apt-get", ["update", "-q"], { quiet: true, env });
    isListFresh = true;
    await run("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...packages], {
      quiet: true,
      env,
    });
  });
}

/** Chromium's path, or null and how to get it. */
export async function findBrowser() {
  const find = () => browsers.find((path) => path && existsSync(path)) ?? null;
  const wanted = [
    ...(find() ? [] : ["chromium"]),
    ...(hasFont(":lang=zh") ? [] : ["fonts-noto-cjk"]),
    ...(hasFont(":charset=1f600") ? [] : ["fonts-noto-color-emoji"]),
  ];
  if (wanted.length > 0 && canInstall) await aptInstall(`installing ${wanted.join(", ")}`, wanted);
  return {
    path: find(),
    remedy:
      "install Chromium or Chrome, or set CHROMIUM_PATH; on Debian: apt install chromium fonts-noto-cjk fonts-noto-color-emoji",
  };
}

/** Whether a font has what the pattern asks for; people write Chinese, and emoji. */
function hasFont(pattern) {
  try {
    return execFileSync("fc-list", [pattern], { encoding: "utf8" }).trim() !== "";
  } catch {
    return process.platform !== "linux";
  }
}

/** Whether what is written in C can be built, and how to get there. */
export async function findCompiler() {
  const find = () => canRun(process.env.CC || "cc");
  if (!find() && canInstall) await aptInstall("installing gcc", ["gcc", "libc6-dev"]);
  return {
    isThere: find(),
    remedy: "install a C compiler, or set CC; on Debian: apt install gcc libc6-dev",
  };
}

/** Whether there is a MariaDB that a test may start and kill, and how to get it. */
export async function findMariadbd() {
  const find = () => existsSync("/usr/sbin/mariadbd");
  if (!find() && canInstall) await aptInstall("installing mariadb-server", ["mariadb-server"]);
  return { isThere: find(), remedy: "on Debian: apt install mariadb-server" };
}

/** Whether there is openssl's program, which plays a time-stamping authority, and how to get it. */
export async function findOpenssl() {
  const find = () => canRun("openssl", "version");
  if (!find() && canInstall) await aptInstall("installing openssl", ["openssl"]);
  return { isThere: find(), remedy: "on Debian: apt install openssl" };
}

function canRun(program, argument = "--version") {
  try {
    execFileSync(program, [argument], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A server's address without a database name: the given one, the local one, or one of our own. */
export async function openMysql() {
  const remedy =
    "set TEST_MYSQL_URL=mysql://user:password@host:3306, or install MariaDB; on Debian: apt install mariadb-server";
  const given = process.env.TEST_MYSQL_URL;
  if (given) return { url: given.replace(/\/+$/, ""), remedy, close: async () => {} };
  if (await isOpen(3306)) {
    const url = "mysql://root@127.0.0.1:3306";
    if (await canSignIn(url)) return { url, remedy, close: async () => {} };
  }
  if (!existsSync("/usr/sbin/mariadbd") && canInstall) {
    await aptInstall("installing mariadb-server", ["mariadb-server"]);
  }
  if (!existsSync("/usr/sbin/mariadbd")) return { url: null, remedy, close: async () => {} };
  return { ...(await startPrivateMariadb()), remedy };
}

async function canSignIn(url) {
  const { createConnection } = await import("mysql2/promise");
  try {
    const connection = await createConnection({ uri: url });
    await connection.end();
    return true;
  } catch {
    return false;
  }
}

async function startPrivateMariadb() {
  const folder = mkdtempSync(join(tmpdir(), "mariadb-"));
  const dataDir = join(folder, "data");
  const user = process.getuid?.() === 0 ? ["--user=root"] : [];
  const common = ["--no-defaults", `--datadir=${dataDir}`, ...user];
  await step("preparing a private MariaDB", () =>
    run(
      "mariadb-install-db",
      [...common, "--auth-root-authentication-method=normal", "--skip-test-db"],
      {
        quiet: true,
      },
    ),
  );
  const port = await freePort(0);
  const server = spawn(
    "/usr/sbin/mariadbd",
    [...common, `--port=${port}`, "--bind-address=127.0.0.1", `--socket=${join(folder, "s.sock")}`],
    { stdio: "ignore" },
  );
  const deadline = Date.now() + 30_000;
  while (!(await isOpen(port))) {
    if (Date.now() > deadline) throw new Error("the private MariaDB did not start");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url: `mysql://root@127.0.0.1:${port}`,
    close: async () => {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function isOpen(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

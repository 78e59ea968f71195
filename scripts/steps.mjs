// The steps that the commands share: is Node new enough, is everything installed, is it built.
// Plain JavaScript with Node's own modules, because it runs before anything is installed.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

const OLDEST_NODE = [20, 19];
const isWindows = process.platform === "win32";

export function say(text) {
  process.stdout.write(`${text}\n`);
}

export function fail(text) {
  process.stderr.write(`\n${text}\n`);
  process.exit(1);
}

export function requireNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    fail(`Node ${OLDEST_NODE.join(".")} or newer is needed; this is ${process.versions.node}.`);
  }
}

/** Runs a program to its end; its output goes to the terminal, or is kept and shown only when it fails. */
export function run(program, args, { quiet = false, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env,
      shell: isWindows,
      stdio: quiet ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"],
    });
    let output = "";
    child.stdout?.on("data", (chunk) => (output += chunk));
    child.stderr?.on("data", (chunk) => (output += chunk));
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ${args.join(" ")} failed (exit ${code})\n${output}`));
    });
  });
}

/** Shows that a long step is under way, and how long it took. */
export async function step(title, work) {
  const startedAt = performance.now();
  const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(1);
  say(`· ${title} …`);
  const result = await work();
  say(`✓ ${title} (${seconds()} s)`);
  return result;
}

/** Installs the packages when the lock file is not the one that was installed last. */
export async function ensureInstalled() {
  const stamp = "node_modules/.installed-lock";
  const wanted = createHash("sha256").update(readFileSync("package-lock.json")).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  await step("installing packages (the first time takes some minutes)", () =>
    run("npm", ["ci", "--no-audit", "--no-fund"]),
  );
  writeFileSync(stamp, wanted);
}

const sources = [
  "server/src",
  "server/native",
  "shared",
  "migrations",
  "sidebar-web",
  "test/simulator",
  "package-lock.json",
  "tsconfig.base.json",
  "tsconfig.build.json",
];

/** Builds when a source differs from what was built last. */
export async function ensureBuilt() {
  const stamp = "dist/.built-from";
  const wanted = hashOf(sources);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) {
    // A compiler may have come since; that there was none has been said once.
    if (!existsSync(sdkHost)) await buildNative();
    return;
  }
  await step("building server and pages", build);
  writeFileSync(stamp, wanted);
}

export async function build() {
  mkdirSync("dist", { recursive: true });
  const problem = await buildNative();
  if (problem) say(`! ${problem}`);
  await Promise.all([
    run(npx("tsc"), ["-p", "tsconfig.build.json"], { quiet: true }),
    run(npx("vite"), ["build", "sidebar-web", "--logLevel", "warn"], { quiet: true }),
    run(npx("vite"), ["build", "test/simulator/client", "--logLevel", "warn"], { quiet: true }),
  ]);
}

/** Where `buildNative` puts the program that runs WeCom's archive library. */
export const sdkHost = "dist/native/finance-sdk-host";

/**
 * The program that runs WeCom's archive library in a process of its own, and the library's double for the tests.
 * Returns what is wrong, or null: everything else works without them.
 */
export async function buildNative() {
  const compiler = process.env.CC || "cc";
  const common = ["-O2", "-std=c99", "-Wall", "-Wextra", "-Werror"];
  const shared = ["-shared", "-fPIC", "-fvisibility=hidden"];
  const double = "dist/native/libWeWorkFinanceSdk_C.so";
  mkdirSync("dist/native", { recursive: true });
  try {
    await Promise.all([
      compile(compiler, [...common, ...cFiles("server/native"), "-ldl"], sdkHost),
      compile(compiler, [...common, ...shared, ...cFiles("test/simulator/finance-sdk")], double),
    ]);
    return null;
  } catch (error) {
    if (error.code !== "ENOENT") return `The archive SDK host was not built: ${error.message}`;
    return `No C compiler (${compiler}) was found, so the archive SDK host was not built; it is needed only with WECOM_ARCHIVE_SDK_LIB. On Debian: apt install gcc libc6-dev`;
  }
}

function cFiles(folder) {
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  return files.filter((file) => file.endsWith(".c")).map((file) => join(folder, file));
}

/** Written beside and renamed: a program that runs cannot be written to, and nobody may start half of one. */
async function compile(compiler, args, file) {
  await run(compiler, ["-o", `${file}.part`, ...args], { quiet: true });
  renameSync(`${file}.part`, file);
}

/** A program of an installed package. */
export function npx(name) {
  return join("node_modules", ".bin", isWindows ? `${name}.cmd` : name);
}

function hashOf(paths) {
  const hash = createHash("sha256");
  const visit = (path) => {
    if (!existsSync(path) || path.endsWith(".test.ts")) return;
    const entries = readEntries(path);
    if (entries === null) hash.update(path).update(readFileSync(path));
    else for (const entry of entries) visit(join(path, entry));
  };
  for (const path of paths) visit(path);
  return hash.digest("hex");
}

/** The sorted entries of a folder, or null for a file. */
function readEntries(path) {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if (error.code === "ENOTDIR") return null;
    throw error;
  }
}

/** `preferred`, or any free port when something else listens there. */
export async function freePort(preferred) {
  for (const port of [preferred, 0]) {
    const found = await tryPort(port);
    if (found !== null) return found;
  }
  throw new Error("no free port");
}

function tryPort(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen(port, "127.0.0.1", () => {
      const { port: found } = server.address();
      server.close(() => resolve(found));
    });
  });
}

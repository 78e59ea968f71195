// npm start: one command from a fresh clone to a running product.
// With WeCom settings (.env or environment) it starts the product alone; without, the product and the
// WeCom twin with its demo company.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { ensureBuilt, ensureInstalled, fail, freePort, requireNode, say } from "./steps.mjs";

const DEMO_DIR = "data/demo";
const READY_TIMEOUT_MS = 60_000;
/** While a backlog is pulled, waste is cleared away early: 80 MB less, at the same speed. */
const PRODUCT = ["--max-semi-space-size=4", "dist/server/src/main.js"];

requireNode();
await ensureInstalled();
await ensureBuilt();

const children = [];
let isStopping = false;

function stop(code) {
  if (isStopping) return;
  isStopping = true;
  process.exitCode = code;
  for (const child of children) child.kill("SIGTERM");
}
process.once("SIGINT", () => stop(0));
process.once("SIGTERM", () => stop(0));

/** Starts one of our own processes; when it ends, the others end with it. */
function start(name, args, env) {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", name === "twin" ? "pipe" : "inherit", "inherit"],
  });
  children.push(child);
  child.once("exit", (code) => {
    if (!isStopping) say(`\nThe ${name} has ended (exit ${code}).`);
    stop(code ?? 1);
  });
  return child;
}

/** False when the product has ended instead; what it said is on the screen. */
async function waitForReady(url) {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!isStopping && Date.now() < deadline) {
    const isReady = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isReady) return true;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  if (!isStopping) fail(`The product did not become ready at ${url}; its messages above say why.`);
  return false;
}

/** Resolves with the twin's line of readiness; how far it is with its history is shown in one line. */
function twinReady(child) {
  return new Promise((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.startsWith('{"ready"')) resolve(JSON.parse(line));
      else if (line.startsWith('{"progress"')) showProgress(JSON.parse(line).progress);
      else say(line);
    });
  });
}

function showProgress({ done, total }) {
  const isDone = done === total;
  if (!process.stdout.isTTY && !isDone) return;
  process.stdout.write(
    `\r  encrypting the demo company's chats: ${done} / ${total}${isDone ? "\n" : ""}`,
  );
}

async function startDemo() {
  mkdirSync(DEMO_DIR, { recursive: true });
  const [gatewayPort, appPort, twinPort] = [
    await freePort(7300),
    await freePort(7301),
    await freePort(7302),
  ];
  const appUrl = `http://127.0.0.1:${appPort}`;
  say("· starting the WeCom twin (its first start writes the demo company's history) …");
  const twin = start("twin", ["dist/test/simulator/main.js"], {
    TWIN_PORT: String(twinPort),
    TWIN_GATEWAY_PORT: String(gatewayPort),
    TWIN_DATA_DIR: `${DEMO_DIR}/twin`,
    TWIN_APP_URL: appUrl,
  });
  const { url, gatewayUrl } = await twinReady(twin);
  const settings = JSON.parse(readFileSync(`${DEMO_DIR}/twin/settings.json`, "utf8"));
  say("· starting the product …");
  start("product", PRODUCT, {
    LOG_LEVEL: "warn",
    ...settings,
    PORT: String(appPort),
    DATA_DIR: `${DEMO_DIR}/product`,
  });
  if (!(await waitForReady(`${appUrl}/readyz`))) return;
  say(`
Ready. Open in Chrome or Edge:

  影子企业 (start page)      ${url}/
  销售的聊天窗口 (chat)      ${url}/chat?as=chenli
  主管的手机 (phone)         ${url}/phone?as=zhangwei
  管理后台 (admin console)   ${gatewayUrl}/admin/

Ctrl+C stops everything. The demo's data is in ${DEMO_DIR}; delete that folder to begin anew.
`);
}

async function startProduct() {
  const port = process.env.PORT ?? "3000";
  start("product", PRODUCT, {});
  if (!(await waitForReady(`http://127.0.0.1:${port}/readyz`))) return;
  say(`\nReady on port ${port}. Its public address is ${process.env.PUBLIC_URL}\n`);
}

if (existsSync(".env")) process.loadEnvFile(".env");
if (process.env.WECOM_CORP_ID) await startProduct();
else await startDemo();

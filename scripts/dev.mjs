// npm run dev: the demo, with the server started anew and the pages built anew at each change of a source.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { mkdirSync, readFileSync } from "node:fs";
import { ensureBuilt, ensureInstalled, freePort, npx, requireNode, say } from "./steps.mjs";

requireNode();
await ensureInstalled();
await ensureBuilt();
mkdirSync("data/dev", { recursive: true });

const children = [];
const stop = () => {
  for (const child of children) child.kill("SIGTERM");
};
process.once("SIGINT", stop);
process.once("SIGTERM", stop);

function start(program, args, env, stdout) {
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", stdout, "inherit"],
  });
  children.push(child);
  child.once("exit", stop);
  return child;
}

const appPort = await freePort(7401);
const twin = start(
  process.execPath,
  ["dist/test/simulator/main.js"],
  {
    TWIN_PORT: String(await freePort(7402)),
    TWIN_GATEWAY_PORT: String(await freePort(7400)),
    TWIN_DATA_DIR: "data/dev/twin",
    TWIN_APP_URL: `http://127.0.0.1:${appPort}`,
  },
  "pipe",
);
createInterface({ input: twin.stdout }).on("line", (line) => {
  if (!line.startsWith('{"ready"')) return say(line);
  const { url, gatewayUrl } = JSON.parse(line);
  const settings = JSON.parse(readFileSync("data/dev/twin/settings.json", "utf8"));
  start(
    process.execPath,
    ["--conditions=source", "--import", "tsx", "--watch", "server/src/main.ts"],
    { LOG_LEVEL: "info", ...settings, PORT: String(appPort), DATA_DIR: "data/dev/product" },
    "inherit",
  );
  start(npx("vite"), ["build", "sidebar-web", "--watch", "--logLevel", "warn"], {}, "inherit");
  say(`\nTwin ${url}/   product ${gatewayUrl}/admin/\n`);
});

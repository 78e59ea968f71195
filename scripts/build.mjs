// npm run build: the server, the product's pages and the twin's pages into dist/.
import { build, ensureInstalled, requireNode, run, npx, step } from "./steps.mjs";

requireNode();
await ensureInstalled();
await step("checking the direction of imports", () =>
  run(
    npx("depcruise"),
    ["server", "shared", "sidebar-web", "migrations", "--config", ".dependency-cruiser.cjs"],
    {
      quiet: true,
    },
  ),
);
await step("building server and pages", build);

/**
 * The arrows of the house, held by the build:
 * features → wecom → platform, server → shared ← sidebar-web, nothing in production imports test/.
 */
module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "shared-is-a-leaf",
      comment: "shared/ runs in the server and in the browser, so it may stand on zod alone.",
      severity: "error",
      from: { path: "^shared/" },
      to: { pathNot: "^(shared/|node_modules/zod/)" },
    },
    {
      name: "platform-knows-no-feature-and-no-wecom",
      severity: "error",
      from: { path: "^server/src/platform/" },
      to: { path: "^server/src/(features|wecom)/" },
    },
    {
      name: "wecom-knows-no-feature",
      severity: "error",
      from: { path: "^server/src/wecom/" },
      to: { path: "^server/src/features/" },
    },
    {
      name: "features-meet-in-compose",
      comment:
        "A feature gets another one's service from compose.ts (and compose/); it may import its types only.",
      severity: "error",
      from: { path: "^server/src/features/([^/]+)/" },
      to: {
        path: "^server/src/features/([^/]+)/",
        pathNot: "^server/src/features/$1/",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "services-know-no-http",
      severity: "error",
      from: { path: "^server/src/features/.*[.]service[.]ts$" },
      to: { path: "node_modules/(koa|@koa/router)/" },
    },
    {
      name: "ciphers-live-in-vault-and-wecom",
      severity: "error",
      comment:
        "Data at rest is sealed by the vault alone; WeCom's own envelopes are opened at its door.",
      from: { path: "^server/src/features/" },
      to: { path: "^(node:)?crypto$" },
    },
    {
      name: "web-never-imports-server",
      severity: "error",
      from: { path: "^sidebar-web/" },
      to: { path: "^(server|migrations|test)/" },
    },
    {
      name: "production-never-imports-test",
      severity: "error",
      from: { path: "^(server|shared|sidebar-web|migrations)/" },
      to: { path: "^test/" },
    },
    {
      name: "the-twin-shares-no-code-with-the-product",
      comment: "A shared mistake would cancel itself out.",
      severity: "error",
      from: { path: "^test/simulator/" },
      to: { path: "^(server|sidebar-web|migrations)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|coverage|test/simulator/client/dist)" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["source", "import", "require", "node", "default", "types"],
    },
  },
};

// Sources are ESM TypeScript; Jest runs them as CommonJS through swc (types are `npm run typecheck`'s job).
const swc = [
  "@swc/jest",
  {
    jsc: {
      target: "es2022",
      parser: { syntax: "typescript", decorators: true },
      transform: { legacyDecorator: true, useDefineForClassFields: false },
    },
    module: { type: "commonjs" },
    sourceMaps: "inline",
  },
];
const conditions = { customExportConditions: ["source", "node", "node-addons"] };
const node = {
  testEnvironment: "node",
  testEnvironmentOptions: conditions,
  transform: { "^.+\\.ts$": swc },
};

export default {
  projects: [
    {
      ...node,
      displayName: "server",
      testMatch: ["<rootDir>/test/{server,shared,simulator}/**/*.test.ts"],
    },
    { ...node, displayName: "faults", testMatch: ["<rootDir>/test/faults/**/*.test.ts"] },
    { ...node, displayName: "e2e", testMatch: ["<rootDir>/test/e2e/**/*.test.ts"] },
    {
      displayName: "web",
      testEnvironment: "jsdom",
      testEnvironmentOptions: conditions,
      testMatch: ["<rootDir>/test/sidebar-web/**/*.test.ts"],
      setupFiles: ["<rootDir>/test/web-globals.cjs"],
      transform: {
        "^.+\\.[cm]?[jt]s$": swc,
        "^.+\\.vue$": "<rootDir>/test/vue-transform.cjs",
      },
      // Both are published as ES modules only, which Jest cannot require on Node 20.
      transformIgnorePatterns: ["/node_modules/(?!(pinia|nostics)/)"],
    },
  ],
  // Guards against a hang only: how fast something is, the bench says, as a ratio.
  testTimeout: 180_000,
  // Much of the time is spent waiting for databases and worker threads.
  maxWorkers: "100%",
};

import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

/** The twin serves the result at its root; the product is on another port and never in this bundle. */
export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  plugins: [vue()],
  build: {
    outDir: "../../../dist/test/simulator/client",
    emptyOutDir: true,
    // Browsers that would need it lack credentialless frames too.
    modulePreload: { polyfill: false },
  },
});

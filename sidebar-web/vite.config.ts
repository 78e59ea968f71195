import vue from "@vitejs/plugin-vue";
import { fileURLToPath } from "node:url";
import { defaultClientConditions, defineConfig } from "vite";

function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** Three pages in one project, so that they share the kit, the rule engine and its chunks. */
export default defineConfig({
  root: here("."),
  plugins: [vue()],
  resolve: { conditions: ["source", ...defaultClientConditions] },
  build: {
    outDir: here("../dist/sidebar-web"),
    emptyOutDir: true,
    // The oldest web views that TDesign supports; WeCom's own are newer.
    target: ["chrome96", "safari14.1"],
    // Pages run under `script-src 'self'`: everything is a file, nothing is inlined.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        sidebar: here("sidebar/index.html"),
        manager: here("manager/index.html"),
        admin: here("admin/index.html"),
      },
    },
  },
});

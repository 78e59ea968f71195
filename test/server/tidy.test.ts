import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { errors } from "#shared/errors";

/** Rules about the repository itself, so that what it says stays true. */
describe("the repository", () => {
  const files = execFileSync("git", ["ls-files"], { encoding: "utf8" })
    .split("\n")
    .filter(existsSync);
  /** Folders that a run leaves behind. */
  const generated = readFileSync(".gitignore", "utf8").split("\n");
  const read = (file: string): string => readFileSync(file, "utf8");
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

  it("names in its documents only commands that exist", () => {
    for (const document of ["README.md", "ARCHITECTURE.md"]) {
      const named = [...read(document).matchAll(/npm (?:run )?([a-z][a-z:-]*)/g)]
        .map(([, name]) => name ?? "")
        .filter((name) => !["ci", "install"].includes(name));
      expect(named.length).toBeGreaterThan(0);
      expect(named.filter((name) => !(name in scripts))).toEqual([]);
    }
  });

  it("names in its documents only files that exist", () => {
    for (const document of ["README.md", "ARCHITECTURE.md"]) {
      const named = [
        ...read(document).matchAll(/`((?:server|shared|test|sidebar-web|docs)\/[\w./-]+)`/g),
      ];
      const isThere = (path: string): boolean => existsSync(path) || generated.includes(path);
      expect(named.map(([, path]) => path ?? "").filter((path) => !isThere(path))).toEqual([]);
    }
  });

  it("keeps the map of the code short enough to read", () => {
    expect(read("ARCHITECTURE.md").split("\n").length).toBeLessThanOrEqual(150);
  });

  it("says every error to people in Chinese, with what to do", () => {
    for (const { text, status } of Object.values(errors)) {
      expect(text).toMatch(/^\p{Script=Han}.*。$/u);
      expect(status).toBeGreaterThanOrEqual(400);
    }
  });

  it("lets no text from people be set as HTML", () => {
    const pages = files.filter(
      (file) => /\.(vue|ts)$/.test(file) && /sidebar-web|client/.test(file),
    );
    expect(pages.filter((file) => /v-html|innerHTML|insertAdjacentHTML/.test(read(file)))).toEqual(
      [],
    );
  });

  it("loads nothing from a CDN", () => {
    const pages = files.filter((file) => /\.(html|vue|css)$/.test(file));
    expect(
      pages.filter((file) => /(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?\/\//.test(read(file))),
    ).toEqual([]);
  });
});

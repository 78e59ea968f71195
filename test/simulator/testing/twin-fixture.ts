import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startTwin, type Twin } from "../twin.ts";
import type { TwinOptions } from "../twin-options.ts";
import { smallCompany } from "./small-company.ts";

export interface TwinFixture {
  twin: Twin;
  /** A folder of this test's own, removed at the end. */
  folder: string;
  /** Calls an API with a fresh token of the given kind; a body makes it a POST. */
  call: (
    kind: "app" | "archive" | "contacts",
    pathAndQuery: string,
    body?: Record<string, unknown>,
  ) => Promise<Record<string, unknown>>;
  token: (kind: "app" | "archive" | "contacts") => Promise<string>;
  close: () => Promise<void>;
}

/** A twin on free ports with the small company. */
export async function startFixture(options: Partial<TwinOptions> = {}): Promise<TwinFixture> {
  const folder = mkdtempSync(path.join(tmpdir(), "twin-"));
  const twin = await startTwin({
    company: smallCompany(),
    archiveKeysDir: path.join(folder, "keys"),
    callbackRetryDelayMs: 1,
    ...options,
  });
  const token = async (kind: "app" | "archive" | "contacts") => {
    const { corpId, secrets } = twin.world.corp;
    const query = new URLSearchParams({ corpid: corpId, corpsecret: secrets[kind] });
    const answer = await getJson(`${twin.url}/cgi-bin/gettoken?${query.toString()}`);
    return answer["access_token"] as string;
  };
  return {
    twin,
    folder,
    token,
    async call(kind, pathAndQuery, body) {
      const url = new URL(`${twin.url}/cgi-bin${pathAndQuery}`);
      url.searchParams.set("access_token", await token(kind));
      return body === undefined ? getJson(url.href) : postJson(url.href, body);
    },
    async close() {
      await twin.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export async function getJson(url: string): Promise<Record<string, unknown>> {
  return (await (await fetch(url)).json()) as Record<string, unknown>;
}

export async function postJson(url: string, body: unknown): Promise<Record<string, unknown>> {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  return (await answer.json()) as Record<string, unknown>;
}

import { createPinia, setActivePinia } from "pinia";
import { useSidebarStore } from "../../../sidebar-web/src/sidebar/sidebar.store.ts";
import { BridgeError, type WecomBridge } from "../../../sidebar-web/src/sidebar/wecom-bridge.ts";
import { fakeFetch, type FakeAnswer } from "../fake-fetch.ts";
import { customerContext, sidebarRules, warning } from "../samples.ts";

const bridge: WecomBridge = {
  openChat: () => Promise.resolve({ kind: "customer", id: "wm/1", canSend: true }),
  sendText: () => Promise.resolve(),
};
const outside: WecomBridge = {
  ...bridge,
  openChat: () => Promise.reject(new BridgeError("outside_wecom", "Firefox")),
};
const down: FakeAnswer = {
  status: 502,
  body: { code: "wecom_unreachable", message: "暂时连不上企业微信", requestId: "r1" },
};

function answer(...answers: FakeAnswer[]): { urls: () => string[] } {
  const fake = fakeFetch(...answers);
  globalThis.fetch = fake.fetch;
  return { urls: () => fake.requests.map(({ url }) => url) };
}

async function booted(context = customerContext()): Promise<ReturnType<typeof useSidebarStore>> {
  answer({ body: {} }, { body: context });
  const store = useSidebarStore();
  await store.boot(bridge);
  return store;
}

beforeEach(() => setActivePinia(createPinia()));

test("boots: session, chat, context with the newest warning first", async () => {
  const old = warning({ caseId: "c0", sentAtMs: 1 });
  const asked = answer({ body: {} }, { body: customerContext({ warnings: [old, warning()] }) });
  const store = useSidebarStore();
  await store.boot(bridge);
  expect(asked.urls()).toEqual(["/api/session", "/api/sidebar/customers/wm%2F1"]);
  expect(store.warnings.map((one) => one.caseId)).toEqual(["c1", "c0"]);
  expect(store.problem).toBeNull();
});

test("outside WeCom the page says so; a server's refusal keeps its sentence; a retry starts afresh", async () => {
  const store = useSidebarStore();
  answer({ body: {} });
  await store.boot(outside);
  expect(store.problem).toEqual({ kind: "outside_wecom", forAdmin: "Firefox" });
  answer({ body: {} }, down);
  await store.boot(bridge);
  expect(store.problem).toMatchObject({ kind: "server", error: { code: "wecom_unreachable" } });
  expect(store.target).toBeNull();
  answer({ body: {} }, { body: customerContext() });
  await store.boot(bridge);
  expect(store.problem).toBeNull();
});

test("a live warning shows at once, and once", async () => {
  const store = await booted();
  store.receive(warning());
  store.receive(warning());
  expect(store.warnings).toHaveLength(1);
  expect(store.notices).toMatchObject([{ isChange: false, warning: { caseId: "c1" } }]);
  store.showWarning("c1");
  expect(store).toMatchObject({ tab: "reminders", focusedCaseId: "c1", notices: [] });
});

test("a decision of the manager changes the warning and is told as a change", async () => {
  const store = await booted(customerContext({ warnings: [warning()] }));
  store.receive(warning({ state: "handled" }));
  expect(store.openWarnings).toEqual([]);
  expect(store.notices).toMatchObject([{ isChange: true }]);
});

test("news of a decision does not hide a new warning", async () => {
  const store = await booted(customerContext({ warnings: [warning()] }));
  store.receive(warning({ caseId: "c2" }));
  store.receive(warning({ state: "handled" }));
  expect(store.notices.map((notice) => notice.warning.caseId)).toEqual(["c2", "c1"]);
});

test("a refresh that fails keeps what is shown and says so; the next clears it", async () => {
  const store = await booted(customerContext({ warnings: [warning()] }));
  answer(down);
  await store.refresh();
  expect(store.refreshError?.code).toBe("wecom_unreachable");
  expect(store.warnings).toHaveLength(1);
  answer({ body: customerContext() });
  await store.refresh();
  expect(store.refreshError).toBeNull();
  expect(store.warnings).toEqual([]);
});

const published: FakeAnswer[] = [
  { body: { version: 1, file: "1-3-89abcdef" } },
  { bytes: sidebarRules({ words: ["保本"] }).buffer },
];

test("rules come as a file, whose homophones are heard without the server", async () => {
  const store = await booted();
  const asked = answer(...published);
  await store.loadRules();
  expect(asked.urls()).toEqual(["/api/sidebar/rules", "/api/sidebar/rules/1-3-89abcdef"]);
  expect(store.rules?.find("宝本")).toMatchObject([{ ruleId: "r1", spans: [{ word: "保本" }] }]);
});

test("other rules that came between are asked for at once; a damaged file is refused", async () => {
  const store = await booted();
  const gone = { status: 404, body: { code: "not_found", message: "没有找到", requestId: "r" } };
  answer(published[0]!, gone, ...published);
  await store.loadRules();
  expect(store).toMatchObject({ rulesFailed: false, rules: { version: 1 } });
  answer(published[0]!, { bytes: new ArrayBuffer(64) });
  await store.loadRules();
  expect(store).toMatchObject({ rulesFailed: true, rules: { version: 1 } });
});

test("rules that cannot be had leave the old ones in use", async () => {
  const store = await booted();
  answer(...published);
  await store.loadRules();
  answer(down);
  await store.loadRules();
  expect(store.rulesFailed).toBe(true);
  expect(store.rules?.find("保本")).toHaveLength(1);
});

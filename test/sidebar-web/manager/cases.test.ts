import { createPinia, setActivePinia } from "pinia";
import { decisionOf, directionOf, titleOf } from "../../../sidebar-web/src/manager/case-words.ts";
import { useCasesStore } from "../../../sidebar-web/src/manager/cases.store.ts";
import { useCase } from "../../../sidebar-web/src/manager/use-case.ts";
import { fakeFetch, type FakeAnswer, type FakeFetch } from "../fake-fetch.ts";
import { caseView, finding } from "../samples.ts";

function answer(...answers: (FakeAnswer | Error)[]): FakeFetch {
  const fake = fakeFetch(...answers);
  globalThis.fetch = fake.fetch;
  return fake;
}
const page = (ids: string[], nextCursor: string | null = null): FakeAnswer => ({
  body: {
    cases: ids.map((id) => caseView({ id })),
    nextCursor,
    openCount: ids.length,
    lookBackCount: 0,
  },
});
const ids = (store: ReturnType<typeof useCasesStore>): string[] | undefined =>
  store.cases?.map((one) => one.id);

beforeEach(() => setActivePinia(createPinia()));

test("pages follow each other; a case that moved down is not doubled", async () => {
  const fake = answer(page(["a", "b"], "n1"), page(["b", "c"]));
  const store = useCasesStore();
  await store.refresh();
  await store.loadMore();
  expect(ids(store)).toEqual(["a", "b", "c"]);
  expect(store.nextCursor).toBeNull();
  expect(fake.requests.map(({ url }) => url)).toEqual([
    "/api/manager/cases?state=open",
    "/api/manager/cases?state=open&cursor=n1",
  ]);
});

test("a refresh that fails keeps the list and says so", async () => {
  answer(page(["a"]), new TypeError("offline"));
  const store = useCasesStore();
  await store.refresh();
  await store.refresh();
  expect(ids(store)).toEqual(["a"]);
  expect(store.error?.code).toBe("no_connection");
  expect(store.isLoading).toBe(false);
});

test("the answer to the question before does not overwrite the newer one's", async () => {
  const store = useCasesStore();
  let answerFirst: (value: unknown) => void = () => undefined;
  const later = fakeFetch(page(["decided"])).fetch;
  const slow = jest
    .fn()
    .mockReturnValueOnce(new Promise((resolve) => (answerFirst = resolve)))
    .mockImplementation(later);
  globalThis.fetch = slow;
  const first = store.refresh();
  await store.show("decided");
  answerFirst({ status: 200, ok: true, json: () => Promise.resolve(page(["open"]).body) });
  await first;
  expect(ids(store)).toEqual(["decided"]);
});

test("a decided case leaves the open list", async () => {
  answer(page(["a", "b"]));
  const store = useCasesStore();
  await store.refresh();
  store.update(caseView({ id: "a", state: "handled" }));
  expect(ids(store)).toEqual(["b"]);
  expect(store.openCount).toBe(1);
});

test("a decision is shown when the server says so, not before", async () => {
  const fake = answer({ body: caseView() }, { body: caseView({ state: "handled" }) });
  const onChange = jest.fn();
  const page1 = useCase("c1", onChange);
  await page1.load();
  const deciding = page1.decide("handled");
  expect(page1.view.value?.state).toBe("open");
  expect(page1.sending.value).toBe("handled");
  await Promise.all([deciding, page1.decide("false_alarm")]);
  expect(page1.view.value?.state).toBe("handled");
  expect(page1.sending.value).toBeNull();
  expect(fake.requests).toHaveLength(2);
  expect(fake.requests[1]?.init.body).toBe('{"decision":"handled"}');
  expect(onChange).toHaveBeenCalledTimes(2);
});

test("who came second sees who decided", async () => {
  const taken = { code: "already_decided", message: "这件事已经处理过了", requestId: "r" };
  const decided = caseView({ state: "false_alarm", decidedByName: "王芳", decidedAtMs: 0 });
  answer({ body: caseView() }, { status: 409, body: taken }, { body: decided });
  const page1 = useCase("c1", jest.fn());
  await page1.load();
  await page1.decide("handled");
  expect(page1.decideError.value?.code).toBe("already_decided");
  expect(page1.view.value?.decidedByName).toBe("王芳");
});

test("a decision that failed can be tried again", async () => {
  answer({ body: caseView() }, new TypeError("offline"), { body: caseView({ state: "handled" }) });
  const page1 = useCase("c1", jest.fn());
  await page1.load();
  await page1.decide("handled");
  expect(page1.decideError.value?.code).toBe("no_connection");
  await page1.decide("handled");
  expect(page1.decideError.value).toBeNull();
  expect(page1.view.value?.state).toBe("handled");
});

test("a case in words", () => {
  expect(directionOf(caseView())).toBe("陈丽 对 李** 说");
  expect(directionOf(caseView({ speaker: "customer" }))).toBe("李** 对 陈丽 说");
  const two = [finding({ level: "notice", title: "轻" }), finding({ title: "重" })];
  expect(titleOf(caseView({ findings: two }))).toBe("重 等 2 条");
  expect(decisionOf(caseView(), 0)).toBeNull();
  const at = Date.parse("2026-03-08T14:03:00+08:00");
  const decided = caseView({ state: "false_alarm", decidedByName: "张伟", decidedAtMs: at });
  expect(decisionOf(decided, at)).toBe("张伟 今天 14:03 标记为「误报」");
});

import type { SearchDone, SearchFound } from "#shared/contract/reading";
import { mount } from "@vue/test-utils";
import { effectScope, type EffectScope } from "vue";
import { outcomeOf, percentOf } from "../../../sidebar-web/src/manager/reading-words.ts";
import { cutAtMarks } from "../../../sidebar-web/src/manager/search-marks.ts";
import SearchProgress from "../../../sidebar-web/src/manager/SearchProgress.vue";
import { useSearch, type SearchPageState } from "../../../sidebar-web/src/manager/use-search.ts";
import { fakeFetch, type FakeAnswer } from "../fake-fetch.ts";

/** A line whose events the test sends. */
class FakeLine extends EventTarget {
  isClosed = false;
  constructor(readonly url: string) {
    super();
  }
  close(): void {
    this.isClosed = true;
  }
  tell(name: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }));
  }
}

const request = { text: "保本", filter: {}, purpose: "客户投诉，核实" };
const started = (id: string): FakeAnswer => ({
  status: 201,
  body: { id, readerName: "张伟", startedAtMs: 0, expiresAtMs: 1_000 },
});
const foundAt = (seq: number, sentAtMs: number) => ({ seq, sentAtMs }) as SearchFound;
const done = (over: Partial<SearchDone> = {}): SearchDone => ({
  outcome: "all",
  found: 1,
  scanned: 10,
  total: 10,
  withheld: 0,
  erased: 0,
  expired: 0,
  unopened: 0,
  ...over,
});

let lines: FakeLine[];
let scope: EffectScope;

function open(...answers: (FakeAnswer | Error)[]): SearchPageState {
  globalThis.fetch = fakeFetch(...answers).fetch;
  lines = [];
  scope = effectScope();
  return scope.run(() =>
    useSearch((url) => {
      const line = new FakeLine(url);
      lines.push(line);
      return line as unknown as EventSource;
    }),
  )!;
}

test("what is found comes as it is found, the newest first, and the end closes the line", async () => {
  const search = open(started("s1"));
  await search.start(request);
  const [line] = lines;
  expect(line!.url).toBe("/api/manager/searches/s1/results");
  line!.tell("progress", { scanned: 5, total: 10 });
  line!.tell("found", foundAt(1, 10));
  line!.tell("found", foundAt(2, 30));
  line!.tell("found", foundAt(3, 20));
  expect(search.found.value.map(({ seq }) => seq)).toEqual([2, 3, 1]);
  expect(search.progress.value).toEqual({ scanned: 5, total: 10 });
  expect(search.state.value).toBe("running");
  line!.tell("done", done({ found: 3 }));
  expect(search.state.value).toBe("done");
  // A line left open would connect again and search anew.
  expect(line!.isClosed).toBe(true);
});

test("a line that goes dead is no end: what was found stays, and it says so", async () => {
  const search = open(started("s1"));
  await search.start(request);
  lines[0]!.tell("found", foundAt(1, 10));
  lines[0]!.dispatchEvent(new Event("error"));
  expect(search.state.value).toBe("broken");
  expect(search.found.value).toHaveLength(1);
  expect(search.done.value).toBeNull();
  expect(lines[0]!.isClosed).toBe(true);
});

test("stopping closes the line at once", async () => {
  const search = open(started("s1"));
  await search.start(request);
  search.cancel();
  expect(lines[0]!.isClosed).toBe(true);
  expect(search.state.value).toBe("cancelled");
  lines[0]!.tell("found", foundAt(1, 10));
  expect(search.found.value).toEqual([]);
});

test("a search that is stopped before it has begun opens no line", async () => {
  const search = open(started("s1"));
  const starting = search.start(request);
  search.cancel();
  await starting;
  expect(lines).toEqual([]);
  expect(search.state.value).toBe("cancelled");
});

test("the next search hears nothing of the one before", async () => {
  const search = open(started("s1"), started("s2"));
  await search.start(request);
  await search.start(request);
  lines[0]!.tell("found", foundAt(1, 10));
  lines[0]!.dispatchEvent(new Event("error"));
  lines[1]!.tell("found", foundAt(2, 10));
  expect(search.found.value.map(({ seq }) => seq)).toEqual([2]);
  expect(search.state.value).toBe("running");
});

test("a search that is refused says why", async () => {
  const search = open({ status: 403, body: { code: "not_allowed", message: "没有权限" } });
  await search.start(request);
  expect(search.state.value).toBe("failed");
  expect(search.error.value?.code).toBe("not_allowed");
});

test("what was found goes when the time for it is over, or the page", async () => {
  const search = open(started("s1"));
  await search.start(request);
  lines[0]!.tell("found", foundAt(1, 10));
  search.checkExpiry(999);
  expect(search.found.value).toHaveLength(1);
  search.checkExpiry(1_000);
  expect(search.found.value).toEqual([]);
  expect(lines[0]!.isClosed).toBe(true);

  const other = open(started("s2"));
  await other.start(request);
  scope.stop();
  expect(lines[0]!.isClosed).toBe(true);
});

test("how it ended never sounds like more than it was", () => {
  expect(outcomeOf(done({ outcome: "none", found: 0 }))).toBe(
    "范围内的 10 条消息都看过了，没有找到。",
  );
  expect(outcomeOf(done())).toBe("范围内的 10 条消息都看过了，共找到 1 条。");
  expect(outcomeOf(done({ outcome: "cut_off", found: 200 }))).toContain("后面还有");
  expect(outcomeOf(done({ outcome: "none", erased: 2 }))).toContain("另有 2 条已按规定销毁");
  expect(outcomeOf(done({ outcome: "none", expired: 3 }))).toContain("更早的 3 条已按保存期限销毁");
  expect(outcomeOf(done({ outcome: "none", unopened: 3 }))).toContain("还有 3 条消息没能解密");
  expect(percentOf({ scanned: 999, total: 1000 })).toBe(99);
  expect(percentOf({ scanned: 0, total: 0 })).toBe(100);
});

test.each([
  ["running", null, "已看 5 / 10 条", "停止"],
  ["cancelled", null, "还没有看完", "重新搜索"],
  ["broken", null, "连接中断", "重新搜索"],
  ["done", done({ outcome: "none", found: 0 }), "没有找到", null],
] as const)("a search that is %s is told so", async (state, end, words, button) => {
  const props = { state, progress: { scanned: 5, total: 10 }, found: 0, done: end };
  const wrapper = mount(SearchProgress, { props });
  expect(wrapper.text()).toContain(words);
  expect(wrapper.find("button").exists()).toBe(button !== null);
  if (button === null) return;
  expect(wrapper.find("button").text()).toBe(button);
  await wrapper.find("button").trigger("click");
  expect(Object.keys(wrapper.emitted())).toContain(state === "running" ? "cancel" : "again");
});

test("an excerpt is cut at its marks and nowhere else", () => {
  const marks = [
    { start: 0, end: 2 },
    { start: 3, end: 4 },
  ];
  const pieces = cutAtMarks("保本和息", marks);
  expect(pieces.map(({ text, isMarked }) => [text, isMarked])).toEqual([
    ["保本", true],
    ["和", false],
    ["息", true],
  ]);
  expect(cutAtMarks("", [])).toEqual([]);
});

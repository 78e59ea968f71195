import { effectScope, nextTick } from "vue";
import type { RuleView } from "#shared/contract/rule";
import {
  useRuleEditor,
  type RuleEditor,
} from "../../../sidebar-web/src/admin/rules/use-rule-editor.ts";
import {
  useTrial,
  type Trial,
  type TrialDraft,
} from "../../../sidebar-web/src/admin/rules/use-trial.ts";
import { ApiError } from "../../../sidebar-web/src/api.ts";
import { fakeFetch, type FakeAnswer, type FakeFetch } from "../fake-fetch.ts";
import { ruleView } from "../samples.ts";

function answer(...answers: FakeAnswer[]): FakeFetch {
  const fake = fakeFetch(...answers);
  globalThis.fetch = fake.fetch;
  return fake;
}
const conflict: FakeAnswer = {
  status: 409,
  body: { code: "edited_meanwhile", message: "内容刚被别人修改过", requestId: "r" },
};
const bodyOf = (fake: FakeFetch, index: number): unknown =>
  JSON.parse(fake.requests[index]?.init.body as string);

function edit(
  start: RuleView | null,
  latest?: RuleView,
): { editor: RuleEditor; onSaved: jest.Mock } {
  const onSaved = jest.fn();
  const editor = useRuleEditor(start, {
    reload: () => Promise.resolve(),
    find: () => latest,
    onSaved,
  });
  return { editor, onSaved };
}

test("saves what was edited with the revision that was edited", async () => {
  const saved = ruleView({ level: "notice", revision: 2 });
  const fake = answer({ body: saved });
  const { editor, onSaved } = edit(ruleView());
  expect(editor.isDirty).toBe(false);
  editor.form.level = "notice";
  expect(editor.isDirty).toBe(true);
  await editor.save();
  expect(fake.requests[0]).toMatchObject({ url: "/api/admin/rules/r1", init: { method: "PUT" } });
  expect(bodyOf(fake, 0)).toMatchObject({
    revision: 1,
    draft: { level: "notice", words: ["保本", "保息"] },
  });
  expect(editor.isDirty).toBe(false);
  expect(onSaved).toHaveBeenCalledWith(saved, false);
});

test("a new rule is created", async () => {
  const fake = answer({ status: 201, body: ruleView() });
  const { editor, onSaved } = edit(null);
  editor.form.words = "保本";
  await editor.save();
  expect(fake.requests[0]).toMatchObject({ url: "/api/admin/rules", init: { method: "POST" } });
  expect(onSaved.mock.calls[0]?.[1]).toBe(true);
});

test("a refusal marks the fields and keeps what was written", async () => {
  const fields = { clause: "请写明依据的法规或制度条款" };
  answer({
    status: 400,
    body: { code: "invalid_request", message: "有误", requestId: "r", fields },
  });
  const { editor } = edit(null);
  editor.form.words = "保本";
  await editor.save();
  expect(editor.errors).toEqual(fields);
  expect(editor.form.words).toBe("保本");
  editor.discard();
  expect(editor.errors).toEqual({});
});

test("two people at once: mine over theirs is saved on their revision", async () => {
  const theirs = ruleView({ level: "caution", revision: 5 });
  const fake = answer(conflict, { body: ruleView({ title: "我的", revision: 6 }) });
  const { editor } = edit(ruleView(), theirs);
  editor.form.title = "我的";
  await editor.save();
  expect(editor.conflict).toEqual(theirs);
  expect(editor.form.title).toBe("我的");
  await editor.overwrite();
  expect(bodyOf(fake, 1)).toMatchObject({
    revision: 5,
    draft: { title: "我的", level: "forbidden" },
  });
  expect(editor.conflict).toBeNull();
});

test("two people at once: theirs instead of mine", async () => {
  const theirs = ruleView({ title: "对方的", revision: 5 });
  answer(conflict);
  const { editor } = edit(ruleView(), theirs);
  editor.form.title = "我的";
  await editor.save();
  editor.takeTheirs();
  expect(editor).toMatchObject({ isDirty: false, conflict: null, form: { title: "对方的" } });
});

test("one's own switch does not make the next save a conflict", async () => {
  const fake = answer({ body: ruleView() });
  const { editor } = edit(ruleView());
  editor.form.title = "改了";
  editor.rebase(ruleView({ isEnabled: false, revision: 2 }));
  expect(editor.form.title).toBe("改了");
  await editor.save();
  expect(bodyOf(fake, 0)).toMatchObject({ revision: 2 });
});

test("another's change shows at once in a form that nobody edits, and is a conflict in one that is", () => {
  const changed = ruleView({ title: "对方的", revision: 2 });
  const idle = edit(ruleView()).editor;
  idle.rebase(changed);
  expect(idle.form.title).toBe("对方的");
  const busy = edit(ruleView()).editor;
  busy.form.reason = "改了";
  busy.rebase(changed);
  expect(busy.form).toMatchObject({ title: "承诺保本保息", reason: "改了" });
  expect(busy.base?.revision).toBe(1);
});

describe("the try box", () => {
  const view = { foldedText: "保本", findings: [], suppressed: [] };
  const draft = { ...ruleView(), isUnsaved: true, draft: null, replacesRuleId: "r1" };

  function open(ask: jest.Mock, written: TrialDraft | null): { trial: Trial; close: () => void } {
    const scope = effectScope();
    const trial = scope.run(() => useTrial({ ask, draft: () => written }));
    return { trial: trial!, close: () => scope.stop() };
  }

  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  test("asks once, shortly after the last change", async () => {
    const ask = jest.fn(() => Promise.resolve(view));
    const { trial, close } = open(ask, { draft: null, replacesRuleId: "r1", isUnsaved: false });
    for (const sentence of ["保", "保本"]) {
      trial.sentence = sentence;
      await nextTick();
    }
    await jest.runAllTimersAsync();
    expect(ask.mock.calls).toEqual([
      [{ text: "保本", speaker: "member", scene: "single", draft: null, replacesRuleId: null }],
    ]);
    expect(trial.result).toEqual({ sentence: "保本", before: [], view });
    close();
  });

  test("what is being written is tried in the place of the saved rule", async () => {
    const ask = jest.fn(() => Promise.resolve(view));
    const { trial, close } = open(ask, draft);
    trial.sentence = "保本";
    await nextTick();
    await jest.runAllTimersAsync();
    expect(ask).toHaveBeenCalledWith(expect.objectContaining({ replacesRuleId: "r1" }));
    close();
  });

  test("an error is shown, an empty box asks nothing", async () => {
    const ask = jest.fn(() => Promise.reject(new ApiError("too_large", "太长")));
    const { trial, close } = open(ask, null);
    trial.sentence = "保本";
    await nextTick();
    await jest.runAllTimersAsync();
    expect(trial).toMatchObject({ isBusy: false, error: { code: "too_large" } });
    trial.sentence = " ";
    await nextTick();
    await jest.runAllTimersAsync();
    expect(trial).toMatchObject({ isBusy: false, error: null, result: null });
    expect(ask).toHaveBeenCalledTimes(1);
    close();
  });
});

import { mount } from "@vue/test-utils";
import { nextTick } from "vue";
import MarkedText from "../../sidebar-web/src/MarkedText.vue";
import DraftEditor from "../../sidebar-web/src/sidebar/DraftEditor.vue";
import SidebarTabs from "../../sidebar-web/src/sidebar/SidebarTabs.vue";
import WarningCard from "../../sidebar-web/src/sidebar/WarningCard.vue";
import { finding, warning } from "./samples.ts";

test("marked text shows the text itself, markup in it as text", () => {
  const text = '<img src=x onerror="x">保本';
  const start = text.indexOf("保本");
  const findings = [finding({ spans: [{ start, end: start + 2, word: "保本" }] })];
  const wrapper = mount(MarkedText, { props: { text, findings } });
  expect(wrapper.text()).toBe(text);
  expect(wrapper.find("img").exists()).toBe(false);
  expect(wrapper.find("mark.mark-forbidden").text()).toBe("保本");
});

test("the draft's marks lie under exactly what is typed", async () => {
  const wrapper = mount(DraftEditor, {
    props: { modelValue: "保本吗", findings: [finding()], isLocked: false },
  });
  expect(wrapper.find(".draft-marks mark").text()).toBe("保本");
  await wrapper.find("textarea").setValue("换一句");
  expect(wrapper.emitted("update:modelValue")).toEqual([["换一句"]]);
});

test("a warning shows words, rule, reason, clause, state, and hands on the better wording", async () => {
  const wrapper = mount(WarningCard, { props: { warning: warning(), nowMs: 1_000 } });
  for (const part of [
    "保本保息",
    "承诺保本保息",
    "没有保本的理财",
    "《手册》3.2",
    "禁止",
    "待处理",
  ]) {
    expect(wrapper.text()).toContain(part);
  }
  await wrapper.find(".finding-suggestion button").trigger("click");
  expect(wrapper.emitted("useSuggestion")).toEqual([["过往收益不代表未来。"]]);
});

test("arrow keys walk the tabs in a circle", async () => {
  const wrapper = mount(SidebarTabs, {
    props: {
      modelValue: "reminders" as const,
      isGroup: false,
      openCount: 2,
      draftLevel: null,
      "onUpdate:modelValue": (tab: "reminders" | "record" | "draft") =>
        void wrapper.setProps({ modelValue: tab }),
    },
  });
  await wrapper.find("[role=tablist]").trigger("keydown.left");
  await nextTick();
  expect(wrapper.find("[aria-selected=true]").text()).toBe("草稿");
  await wrapper.find("[role=tablist]").trigger("keydown.right");
  await nextTick();
  expect(wrapper.find("[aria-selected=true]").text()).toContain("提醒");
});

import { DialogPlugin } from "tdesign-vue-next";
import { onScopeDispose } from "vue";
import { onBeforeRouteLeave, onBeforeRouteUpdate } from "vue-router";
import { text } from "../messages.ts";

function askToLeave(): Promise<boolean> {
  return new Promise((resolve) => {
    const dialog = DialogPlugin.confirm({
      header: text.leave.title,
      body: text.leave.body,
      theme: "warning",
      confirmBtn: { content: text.leave.leave, theme: "danger" },
      cancelBtn: text.leave.stay,
      onConfirm: () => {
        dialog.destroy();
        resolve(true);
      },
      onClose: () => {
        dialog.destroy();
        resolve(false);
      },
    });
  });
}

/** Keeps unsaved work from being lost by a click on another rule, another page, or a closed window. */
export function useLeaveGuard(isDirty: () => boolean): void {
  const guard = (): boolean | Promise<boolean> => !isDirty() || askToLeave();
  onBeforeRouteLeave(guard);
  onBeforeRouteUpdate(guard);

  const onUnload = (event: BeforeUnloadEvent): void => {
    if (isDirty()) event.preventDefault();
  };
  addEventListener("beforeunload", onUnload);
  onScopeDispose(() => removeEventListener("beforeunload", onUnload));
}

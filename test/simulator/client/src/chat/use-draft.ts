import { computed, ref } from "vue";
import { errorText } from "../api.ts";
import { messages } from "../messages.ts";
import { useToast } from "../use-toast.ts";
import type { Speaker } from "./customers-in.ts";

/** What is being written, on whose behalf, and its way out. A refused text stays in the box. */
export function useDraft(
  meId: string,
  customers: () => readonly Speaker[],
  send: (fromId: string, text: string) => Promise<void>,
) {
  const text = ref("");
  const isAsCustomer = ref(false);
  const chosenId = ref("");
  const isSending = ref(false);
  const { show } = useToast();

  const customer = computed(() => {
    const people = customers();
    return isAsCustomer.value
      ? (people.find((person) => person.id === chosenId.value) ?? people[0])
      : undefined;
  });

  async function submit(): Promise<void> {
    const sent = text.value;
    if (isSending.value || sent.trim() === "") return;
    isSending.value = true;
    try {
      await send(customer.value?.id ?? meId, sent);
      // Keep what was typed on while the message was on its way.
      text.value = text.value.startsWith(sent) ? text.value.slice(sent.length) : text.value;
    } catch (cause) {
      show(`${messages.chat.sendFailed}：${errorText(cause)}`);
    } finally {
      isSending.value = false;
    }
  }

  /** Enter sends, Shift+Enter breaks the line; Enter that confirms an input method's word does neither. */
  function onKey(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void submit();
  }

  return { text, isAsCustomer, chosenId, customer, isSending, submit, onKey };
}

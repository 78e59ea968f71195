import { ref } from "vue";

const SHOWN_MS = 3500;
const text = ref("");
let timer: number | undefined;

/** One short notice at a time, for the whole page. */
export function useToast() {
  function show(message: string): void {
    text.value = message;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => (text.value = ""), SHOWN_MS);
  }
  return { text, show };
}

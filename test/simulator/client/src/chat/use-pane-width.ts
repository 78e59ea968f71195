import { ref } from "vue";

/** Widths between which WeCom's own divider moves, in CSS pixels. */
export const PANE_WIDTH = { min: 320, max: 480, initial: 400 } as const;
const STORED_AS = "twin.sidebar-width";
const KEY_STEP = 10;

/** Width of the sidebar pane: dragged or moved by arrow keys, remembered in this browser. */
export function usePaneWidth() {
  const width = ref(clamp(Number(localStorage.getItem(STORED_AS)) || PANE_WIDTH.initial));
  const isDragging = ref(false);
  let grip = { x: 0, width: 0 };

  function set(value: number): void {
    width.value = clamp(value);
    localStorage.setItem(STORED_AS, String(width.value));
  }

  function start(event: PointerEvent): void {
    if (!(event.currentTarget instanceof Element)) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    grip = { x: event.clientX, width: width.value };
    isDragging.value = true;
  }

  function move(event: PointerEvent): void {
    if (isDragging.value) set(grip.width + grip.x - event.clientX);
  }

  function stop(): void {
    isDragging.value = false;
  }

  function onKey(event: KeyboardEvent): void {
    if (event.key === "ArrowLeft") set(width.value + KEY_STEP);
    if (event.key === "ArrowRight") set(width.value - KEY_STEP);
  }

  return { width, isDragging, start, move, stop, onKey, reset: () => set(PANE_WIDTH.initial) };
}

function clamp(value: number): number {
  return Math.round(Math.min(PANE_WIDTH.max, Math.max(PANE_WIDTH.min, value)));
}

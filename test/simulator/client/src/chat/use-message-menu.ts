import { reactive } from "vue";

export interface MessageMenuState {
  isOpen: boolean;
  /** Place in the viewport, in CSS pixels. */
  x: number;
  y: number;
  openAt: (event: MouseEvent) => void;
  openBelow: (event: MouseEvent) => void;
  close: () => void;
}

const MENU_WIDTH = 140;
const MENU_HEIGHT = 84;

/** A message's small menu: at the pointer after a right click, below its button otherwise. */
export function useMessageMenu(): MessageMenuState {
  function place(x: number, y: number): void {
    menu.x = Math.min(x, window.innerWidth - MENU_WIDTH);
    menu.y = Math.min(y, window.innerHeight - MENU_HEIGHT);
    menu.isOpen = true;
  }

  const menu: MessageMenuState = reactive({
    isOpen: false,
    x: 0,
    y: 0,
    openAt: (event: MouseEvent) => place(event.clientX, event.clientY),
    openBelow: (event: MouseEvent) => {
      if (!(event.currentTarget instanceof Element)) return;
      const box = event.currentTarget.getBoundingClientRect();
      place(box.left, box.bottom + 4);
    },
    close: () => (menu.isOpen = false),
  });
  return menu;
}

/**
 * `msgaudit_notify` carries nothing but "pull now" and comes at most once per interval while there is
 * traffic: the first message at once, what follows within the interval together at its end.
 */
export interface ArchiveNotifier {
  onArchived: () => void;
  close: () => void;
}

export function createArchiveNotifier(
  intervalMs: number,
  now: () => number,
  notify: () => void,
): ArchiveNotifier {
  let lastMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const fire = () => {
    timer = undefined;
    lastMs = now();
    notify();
  };
  return {
    onArchived() {
      if (timer !== undefined) return;
      const waitMs = lastMs + intervalMs - now();
      if (waitMs <= 0) fire();
      else timer = setTimeout(fire, waitMs).unref();
    },
    close: () => clearTimeout(timer),
  };
}

/** One search at a time: its reason, its progress, what it finds, and how it ended. */
import type {
  SearchDone,
  SearchFound,
  SearchProgress,
  SearchRequest,
  SearchView,
} from "#shared/contract/reading";
import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from "vue";
import { asApiError, type ApiError } from "../api.ts";
import { searchResultsUrl, startSearch } from "./reading-api.ts";

/**
 * "broken": the line went dead before the end; "cancelled": the person stopped it. In both, what was found is not
 * all there is.
 */
export type SearchState = "idle" | "running" | "done" | "cancelled" | "broken" | "failed";

export interface SearchPageState {
  state: Ref<SearchState>;
  view: ShallowRef<SearchView | null>;
  /** The newest message first. */
  found: ShallowRef<SearchFound[]>;
  progress: ShallowRef<SearchProgress>;
  done: ShallowRef<SearchDone | null>;
  error: ShallowRef<ApiError | null>;
  start: (request: SearchRequest) => Promise<void>;
  cancel: () => void;
  /** Takes what was found off the page once the search has run out. */
  checkExpiry: (nowMs: number) => void;
}

/** `open` is the browser's EventSource, but for tests. */
export function useSearch(
  open: (url: string) => EventSource = (url) => new EventSource(url),
): SearchPageState {
  const state = ref<SearchState>("idle");
  const view = shallowRef<SearchView | null>(null);
  const found = shallowRef<SearchFound[]>([]);
  const progress = shallowRef<SearchProgress>({ scanned: 0, total: 0 });
  const done = shallowRef<SearchDone | null>(null);
  const error = shallowRef<ApiError | null>(null);
  let line: EventSource | null = null;
  /** A search that was started over must hear nothing of the one before. */
  let attempt = 0;

  function end(next: SearchState): void {
    // Closing also keeps the browser from connecting again, which would start the search over.
    line?.close();
    line = null;
    attempt += 1;
    state.value = next;
  }

  function listen(url: string): void {
    const source = open(url);
    line = source;
    const on = (name: string, take: (data: unknown) => void): void =>
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        if (line === source) take(JSON.parse(data));
      });
    on("progress", (data) => (progress.value = data as SearchProgress));
    on("found", (data) => {
      found.value = [...found.value, data as SearchFound].sort(
        (a, b) => b.sentAtMs - a.sentAtMs || b.seq - a.seq,
      );
    });
    on("done", (data) => {
      done.value = data as SearchDone;
      progress.value = done.value;
      end("done");
    });
    source.addEventListener("error", () => {
      if (line === source) end("broken");
    });
  }

  async function start(request: SearchRequest): Promise<void> {
    end("running");
    const mine = attempt;
    found.value = [];
    done.value = null;
    error.value = null;
    progress.value = { scanned: 0, total: 0 };
    try {
      const started = await startSearch(request);
      if (mine !== attempt) return;
      view.value = started;
      listen(searchResultsUrl(started.id));
    } catch (thrown) {
      if (mine !== attempt) return;
      error.value = asApiError(thrown);
      end("failed");
    }
  }

  function cancel(): void {
    if (state.value === "running") end("cancelled");
  }

  function checkExpiry(nowMs: number): void {
    if (!view.value || nowMs < view.value.expiresAtMs) return;
    view.value = null;
    found.value = [];
    done.value = null;
    end("idle");
  }

  onScopeDispose(() => end("idle"));
  return { state, view, found, progress, done, error, start, cancel, checkExpiry };
}

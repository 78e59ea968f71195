import { keepLive, type LiveHandlers } from "../../../sidebar-web/src/sidebar/live-events.ts";
import { warning } from "../samples.ts";

class FakeLine extends EventTarget {
  readyState = 0;
  readonly close = jest.fn();

  say(type: string, data?: string): void {
    this.dispatchEvent(data === undefined ? new Event(type) : new MessageEvent(type, { data }));
  }
}

function setUp(): {
  lines: FakeLine[];
  last: () => FakeLine;
  timers: { run: () => void; delayMs: number; cancel: jest.Mock }[];
  handlers: { [K in keyof LiveHandlers]: jest.Mock };
  close: () => void;
} {
  const lines: FakeLine[] = [];
  const timers: { run: () => void; delayMs: number; cancel: jest.Mock }[] = [];
  const handlers = {
    onWarning: jest.fn(),
    onRules: jest.fn(),
    onOpen: jest.fn(),
    onState: jest.fn(),
    onRefused: jest.fn(),
  };
  const close = keepLive("/events", handlers, {
    open: () => {
      const line = new FakeLine();
      lines.push(line);
      return line as unknown as EventSource;
    },
    setTimer: (run, delayMs) => {
      const cancel = jest.fn();
      timers.push({ run, delayMs, cancel });
      return cancel;
    },
  });
  return { lines, last: () => lines.at(-1)!, timers, handlers, close };
}

test("warnings and rules are handed on; a torn line is not", () => {
  const { last, handlers } = setUp();
  last().say("warning", JSON.stringify(warning()));
  last().say("warning", "{torn");
  last().say("rules", '{"version":2}');
  expect(handlers.onWarning.mock.calls).toEqual([[warning()]]);
  expect(handlers.onRules).toHaveBeenCalledTimes(1);
});

test("each opening asks for what was missed", () => {
  const { last, handlers, lines } = setUp();
  last().say("open");
  last().say("error"); // The browser reconnects by itself: the line is not closed.
  expect(handlers.onState.mock.calls).toEqual([[true], [false]]);
  last().say("open");
  expect(lines).toHaveLength(1);
  expect(handlers.onOpen).toHaveBeenCalledTimes(2);
  expect(handlers.onRefused).not.toHaveBeenCalled();
});

test("a line that the server refuses is opened again, ever more slowly, at once after it stood", () => {
  const { last, handlers, timers, lines } = setUp();
  const refuse = (): void => {
    last().readyState = 2;
    last().say("error");
  };
  for (let times = 0; times < 7; times++) {
    refuse();
    timers.at(-1)?.run();
  }
  expect(timers.map((timer) => timer.delayMs)).toEqual([
    1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
  ]);
  expect(handlers.onRefused).toHaveBeenCalledTimes(7);
  last().say("open");
  refuse();
  expect(timers.at(-1)?.delayMs).toBe(1000);
  expect(lines).toHaveLength(8);
});

test("closing ends the line and the next try", () => {
  const { last, timers, close } = setUp();
  last().readyState = 2;
  last().say("error");
  close();
  expect(timers[0]?.cancel).toHaveBeenCalled();
  expect(last().close).toHaveBeenCalled();
});

import { runInNewContext } from "node:vm";
import { bridgeScript } from "./bridge-script.ts";

const ORIGIN = "http://localhost:4000";

interface Posted {
  callId: number;
  name: string;
  params: unknown;
  frameUrl: string;
}

/** Just enough of a framed window for the script to run in. */
function openFrame() {
  const posted: { message: Posted; origin: string }[] = [];
  const events: string[] = [];
  const listeners: ((event: unknown) => void)[] = [];
  const parent = {
    postMessage: (message: Posted, origin: string) => posted.push({ message, origin }),
  };
  const navigator: { userAgent?: string; platform?: string } = {};
  const window: Record<string, unknown> = {
    parent,
    addEventListener: (_: string, listener: (event: unknown) => void) => listeners.push(listener),
  };
  runInNewContext(bridgeScript(ORIGIN), {
    window,
    navigator,
    location: { href: "http://localhost:5000/sidebar/#x" },
    document: { dispatchEvent: ({ type }: { type: string }) => events.push(type) },
    Event,
    setTimeout: (run: () => void) => run(),
  });
  const reply = (event: Record<string, unknown>) =>
    listeners.forEach((listener) => listener({ source: parent, origin: ORIGIN, ...event }));
  const bridge = window["WeixinJSBridge"] as {
    invoke: (name: string, params: unknown, callback: (result: unknown) => void) => void;
  };
  return { posted, events, navigator, bridge, reply };
}

test("looks like the client on Windows and announces itself", () => {
  const { navigator, events } = openFrame();
  expect(navigator.userAgent).toMatch(/wxwork\/4\.1\.36/);
  expect(navigator.platform).toBe("Win32");
  expect(events).toEqual(["WeixinJSBridgeReady"]);
});

test("a call goes to the window around and its answer to the caller, each once", () => {
  const { posted, bridge, reply } = openFrame();
  const results: unknown[] = [];
  bridge.invoke("getContext", { a: 1, drop: () => 0 }, (result) => results.push(result));
  bridge.invoke("other", null, (result) => results.push(result));
  expect(posted[0]).toEqual({
    origin: ORIGIN,
    message: {
      kind: "wecom-bridge-call",
      callId: 1,
      name: "getContext",
      params: { a: 1 },
      frameUrl: "http://localhost:5000/sidebar/#x",
    },
  });
  const data = { kind: "wecom-bridge-reply", callId: 1, result: { err_msg: "getContext:ok" } };
  reply({ data, origin: "http://evil.example" });
  reply({ data, source: {} });
  expect(results).toEqual([]);
  reply({ data });
  reply({ data });
  expect(results).toEqual([{ err_msg: "getContext:ok" }]);
});

/** How the WeCom client names itself, to servers and to scripts. */
export const CLIENT_USER_AGENT =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
  "Chrome/126.0.0.0 Safari/537.36 wxwork/4.1.36 (MicroMessenger/6.2) WindowsWechat";

/**
 * What the WeCom client adds to a page before the page's own scripts run: its user agent and the bridge.
 * The bridge hands every call to the window around the frame and gives the answer back unchanged. It runs in
 * the page, so it is text here; it must be plain old JavaScript that leaves no names behind.
 */
export function bridgeScript(clientOrigin: string): string {
  return `(function () {
  "use strict";
  if (window.parent === window || window.WeixinJSBridge) return;
  var clientOrigin = ${JSON.stringify(clientOrigin)};
  var userAgent = ${JSON.stringify(CLIENT_USER_AGENT)};
  function pretend(name, value) {
    Object.defineProperty(navigator, name, { configurable: true, get: function () { return value; } });
  }
  pretend("userAgent", userAgent);
  pretend("platform", "Win32");
  pretend("maxTouchPoints", 0);

  var waiting = new Map();
  var handlers = new Map();
  var lastId = 0;
  window.addEventListener("message", function (event) {
    if (event.source !== window.parent || event.origin !== clientOrigin) return;
    var reply = event.data;
    if (!reply || reply.kind !== "wecom-bridge-reply") return;
    var callback = waiting.get(reply.callId);
    waiting.delete(reply.callId);
    if (callback) callback(reply.result);
  });
  window.WeixinJSBridge = {
    invoke: function (name, params, callback) {
      lastId += 1;
      if (typeof callback === "function") waiting.set(lastId, callback);
      window.parent.postMessage(
        {
          kind: "wecom-bridge-call",
          callId: lastId,
          name: String(name),
          params: JSON.parse(JSON.stringify(params || {})),
          frameUrl: location.href,
        },
        clientOrigin
      );
    },
    on: function (name, handler) {
      handlers.set(name, handler);
    },
  };
  setTimeout(function () {
    document.dispatchEvent(new Event("WeixinJSBridgeReady"));
  }, 0);
})();
`;
}

import type { Corp } from "./corp.ts";

/** Text is wrapped in CDATA, numbers stand bare, a list becomes `<Item>` elements. */
export type XmlValue = string | number | readonly string[];

/** The decrypted XML of an event. `fields` follow the common head in the order given. */
export function formatEvent(
  corp: Pick<Corp, "corpId">,
  atMs: number,
  fromId: string,
  fields: Record<string, XmlValue>,
): string {
  const head = {
    ToUserName: corp.corpId,
    FromUserName: fromId,
    CreateTime: Math.floor(atMs / 1000),
    MsgType: "event",
  };
  const elements = Object.entries({ ...head, ...fields }).map(
    ([name, value]) => `<${name}>${formatValue(value)}</${name}>`,
  );
  return `<xml>${elements.join("")}</xml>`;
}

function formatValue(value: XmlValue): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return `<![CDATA[${value.replaceAll("]]>", "]]]]><![CDATA[>")}]]>`;
  return value.map((item) => `<Item>${formatValue(item)}</Item>`).join("");
}

/** The outer XML of a delivery. Receivers without an app leave `AgentID` empty. */
export function formatDelivery(corpId: string, agentId: number | null, encrypted: string): string {
  const agent = agentId === null ? "" : String(agentId);
  return (
    `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName>` +
    `<AgentID><![CDATA[${agent}]]></AgentID><Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`
  );
}

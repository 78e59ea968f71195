import { createHash } from "node:crypto";
import { getJsApiSignature } from "@wecom/crypto";
import type { SharedTokens } from "../../../server/src/wecom/access-tokens.ts";
import { createJssdk } from "../../../server/src/wecom/jssdk.ts";
import { plainClient, startFakeWecom, testConfig } from "./fake-wecom.ts";

const url = "https://crm.example.com/sidebar/?a=1&b=%E4%BD%A0";
const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");

describe("signatures for a page", () => {
  it("the package gives the platform's published signature", () => {
    const { signature } = getJsApiSignature({
      ticket:
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg",
      nonceStr: "Wm3WZYTPz0wzccnW",
      timestamp: 1414587457,
      url: "http://mp.weixin.qq.com?params=value",
    });
    expect(signature).toBe("0f9de62fce790f9a083d5c99e95740ceb90c27ed");
  });

  it("come from both tickets, each of its own nonce, without what follows the hash", async () => {
    const fake = await startFakeWecom();
    fake.on("/get_jsapi_ticket", () => ({ errcode: 0, ticket: "CORP", expires_in: 7200 }));
    fake.on("/ticket/get", ({ query }) => ({
      errcode: 0,
      ticket: query.get("type") === "agent_config" ? "APP" : "WRONG",
      expires_in: 7200,
    }));
    const lifetimes: number[] = [];
    const tokens: SharedTokens = {
      async get(_name, load) {
        const { value, lifetimeMs } = await load();
        lifetimes.push(lifetimeMs);
        return value;
      },
      refreshAfter: () => Promise.reject(new Error("nothing is refused here")),
    };
    const jssdk = createJssdk({
      config: testConfig(fake.url),
      client: plainClient(fake),
      tokens,
      clock: { now: () => 1_700_000_000_999 },
    });
    const signed = await jssdk.signaturesFor(`${url}#/customer?x=1#y`);
    await fake.close();

    expect(signed).toMatchObject({ corpId: "ww6a112864f8022910", agentId: 1000002 });
    const pages = [signed.config, signed.agentConfig];
    for (const [index, ticket] of ["CORP", "APP"].entries()) {
      const { timestamp, nonceStr, signature } = pages[index]!;
      expect(timestamp).toBe(1_700_000_000);
      expect(nonceStr).toMatch(/^[0-9a-f]{32}$/);
      expect(signature).toBe(
        sha1(`jsapi_ticket=${ticket}&noncestr=${nonceStr}&timestamp=1700000000&url=${url}`),
      );
    }
    expect(signed.config.nonceStr).not.toBe(signed.agentConfig.nonceStr);
    expect(lifetimes).toEqual([7_200_000, 7_200_000]);
  });
});

import { createHash } from "node:crypto";
import type { ApiCall, Handler } from "./endpoint.ts";
import type { World } from "../world.ts";
import { WecomError } from "./wecom-error.ts";

/** What wrong secrets are counted under, for each caller: too many ban an address for an hour. */
export const WRONG_SECRETS = "wrong secrets";

export const getToken: Handler = ({ query, ip }, world) => {
  const corpId = query.get("corpid") ?? "";
  const secret = query.get("corpsecret") ?? "";
  if (corpId === "") throw new WecomError(41002);
  if (secret === "") throw new WecomError(41004);
  if (world.limits.isBlocked(WRONG_SECRETS, ip)) throw new WecomError(45009);
  if (corpId !== world.corp.corpId) throw new WecomError(40013);
  const lease = world.tokens.issue(secret);
  if (lease === undefined) {
    world.limits.allow(WRONG_SECRETS, ip);
    throw new WecomError(40001);
  }
  return { access_token: lease.value, expires_in: lease.expiresInS };
};

export const getJsapiTicket: Handler = (_, world) => formatTicket(world, "corp");

export const getTicket: Handler = (call, world) => {
  if (call.query.get("type") !== "agent_config") throw new WecomError(91040);
  return formatTicket(world, "agent");
};

function formatTicket({ tokens }: World, kind: "corp" | "agent") {
  const { value, expiresInS } = tokens.ticket(kind);
  return { ticket: value, expires_in: expiresInS };
}

/** The egress and callback addresses: here both are this machine. */
export const getIpList: Handler = () => ({ ip_list: ["127.0.0.1"] });

/** `auth/getuserinfo`: a member's userid, or an openid for anybody else. */
export const getUserInfo: Handler = ({ query }: ApiCall, { oauth, directory }) => {
  const code = query.get("code") ?? "";
  if (code === "") throw new WecomError(41008);
  const answer = oauth.use(code);
  switch (answer.is) {
    case "unknown":
      throw new WecomError(40029);
    case "expired":
      throw new WecomError(42003);
    case "used":
      throw new WecomError(42022);
    case "person": {
      const { personId } = answer;
      const member = directory.findMember(personId);
      if (member !== undefined) return { userid: member.id };
      const isCustomer = directory.findCustomer(personId) !== undefined;
      const openid = `o${createHash("sha256").update(personId).digest("base64url").slice(0, 27)}`;
      return isCustomer ? { openid, external_userid: personId } : { openid };
    }
  }
};

export const getAgent: Handler = ({ query }, { corp, directory, publicUrl }) => {
  const agentId = query.get("agentid") ?? "";
  if (agentId === "") throw new WecomError(41011);
  if (agentId !== String(corp.agentId)) throw new WecomError(301002);
  return {
    agentid: corp.agentId,
    name: corp.appName,
    square_logo_url: "",
    description: "销售合规与效率助手",
    // The whole corp: what was chosen is its root, not everybody in it.
    allow_userinfos: { user: [] },
    allow_partys: {
      partyid: directory.departments.filter(({ parentId }) => parentId === 0).map(({ id }) => id),
    },
    allow_tags: { tagid: [] },
    close: 0,
    redirect_domain: new URL(publicUrl()).host,
    report_location_flag: 0,
    isreportenter: 0,
    home_url: `${publicUrl()}/`,
    customized_publish_status: 1,
  };
};

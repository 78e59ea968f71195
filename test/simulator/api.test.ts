import { CUSTOMER, PARTNER, REFUSING_CUSTOMER, ROOM } from "./testing/small-company.ts";
import { getJson, postJson, startFixture, type TwinFixture } from "./testing/twin-fixture.ts";

const MINUTE_MS = 60_000;
let nowMs = Date.now();
let fixture: TwinFixture;
beforeEach(async () => {
  nowMs = Date.now();
  fixture = await startFixture({ nowMs: () => nowMs, log: () => undefined });
});
afterEach(() => fixture.close());

const api = (path: string) => `${fixture.twin.url}/cgi-bin${path}`;

describe("tokens", () => {
  const gettoken = (corpid: string, corpsecret: string) =>
    getJson(api(`/gettoken?corpid=${corpid}&corpsecret=${corpsecret}`));

  test("a secret keeps its token while it is valid and gets another one afterwards", async () => {
    const { corpId, secrets } = fixture.twin.world.corp;
    const first = await gettoken(corpId, secrets.app);
    expect(first).toMatchObject({ errcode: 0, errmsg: "ok", expires_in: 7200 });
    nowMs += 100_000;
    const second = await gettoken(corpId, secrets.app);
    expect(second).toMatchObject({ access_token: first["access_token"], expires_in: 7100 });
    nowMs += 7_100_000;
    expect((await gettoken(corpId, secrets.app))["access_token"]).not.toBe(first["access_token"]);
    expect(
      await getJson(api(`/user/get?userid=chenli&access_token=${String(first["access_token"])}`)),
    ).toMatchObject({ errcode: 42001 });
  });

  test("refusals carry the platform's numbers and wording, always with HTTP 200", async () => {
    const { corpId } = fixture.twin.world.corp;
    expect(await gettoken("wwother", "x")).toMatchObject({ errcode: 40013 });
    expect(await gettoken(corpId, "wrong")).toMatchObject({ errcode: 40001 });
    expect(await getJson(api("/user/get?userid=chenli"))).toMatchObject({ errcode: 41001 });
    const answer = await fetch(api("/user/get?userid=chenli&access_token=nonsense"));
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as { errmsg: string }).errmsg).toMatch(
      /^invalid access_token, hint: \[\d+_1_[0-9a-f]+\], from ip: .*, more info at https:\/\/open\.work\.weixin\.qq\.com\/devtool\/query\?e=40014$/,
    );
  });

  test("a token in the body does not count", async () => {
    const access_token = await fixture.token("app");
    expect(await postJson(api("/message/send"), { access_token })).toMatchObject({
      errcode: 41001,
    });
  });

  test("a token of the wrong secret is refused", async () => {
    expect(await fixture.call("app", "/message/getchatdata", { seq: 0, limit: 1 })).toMatchObject({
      errcode: 48002,
    });
    expect(await fixture.call("contacts", "/user/get?userid=chenli")).toMatchObject({
      errcode: 48009,
    });
    expect(await fixture.call("contacts", "/user/list_id", { limit: 2 })).toMatchObject({
      errcode: 0,
      dept_user: [{ userid: "chenli", department: 3 }, { userid: "zhangwei" }],
    });
  });

  test("too many wrong secrets ban the caller for an hour, even with the right one", async () => {
    const { corpId, secrets } = fixture.twin.world.corp;
    for (let i = 0; i < 31; i += 1) await gettoken(corpId, "wrong");
    expect(await gettoken(corpId, secrets.app)).toMatchObject({ errcode: 45009 });
    nowMs += 60 * MINUTE_MS;
    expect(await gettoken(corpId, secrets.app)).toMatchObject({ errcode: 0 });
  });

  test("expiring all tokens refuses each old one and lets new ones pass", async () => {
    const old = await fixture.token("app");
    fixture.twin.setFaults({ expireTokens: true });
    expect(await getJson(api(`/agent/get?agentid=1000002&access_token=${old}`))).toMatchObject({
      errcode: 42001,
    });
    expect(await fixture.call("app", "/agent/get?agentid=1000002")).toMatchObject({ errcode: 0 });
  });
});

describe("limits and faults", () => {
  test("an API over its limit is blocked for a minute", async () => {
    fixture.twin.setLimit("/user/get", { perMinute: 2 });
    const codes: unknown[] = [];
    for (let i = 0; i < 3; i += 1) {
      codes.push((await fixture.call("app", "/user/get?userid=chenli"))["errcode"]);
    }
    expect(codes).toEqual([0, 0, 45009]);
    nowMs += MINUTE_MS;
    expect(await fixture.call("app", "/user/get?userid=chenli")).toMatchObject({ errcode: 0 });
  });

  test("a fault answers every call, and a planned failure just the next ones", async () => {
    fixture.twin.failNext("/user/get", -1, 1);
    expect(await fixture.call("app", "/user/get?userid=chenli")).toMatchObject({ errcode: -1 });
    expect(await fixture.call("app", "/user/get?userid=chenli")).toMatchObject({ errcode: 0 });
    fixture.twin.setFaults({ apiErrcode: 60020 });
    expect(await fixture.call("app", "/user/get?userid=chenli")).toMatchObject({ errcode: 60020 });
  });

  test("a wrong method, a body that is no JSON and an unknown path are refused", async () => {
    const token = await fixture.token("app");
    expect(await getJson(api(`/message/send?access_token=${token}`))).toMatchObject({
      errcode: 40058,
    });
    const bad = await fetch(api(`/message/send?access_token=${token}`), {
      method: "POST",
      body: "{broken",
    });
    expect(((await bad.json()) as { errmsg: string }).errmsg).toContain(
      "Warning: wrong json format.",
    );
    const huge = await fetch(api(`/message/send?access_token=${token}`), {
      method: "POST",
      body: "x".repeat(3 * 1024 * 1024),
    });
    expect(huge.status).toBe(200);
    expect(await huge.json()).toMatchObject({ errcode: -1 });
    expect(await getJson(api("/no/such/api"))).toMatchObject({ errcode: 40058 });
  });
});

describe("directory", () => {
  test("departments come with leaders, a subtree by its id", async () => {
    const all = await fixture.call("app", "/department/list");
    expect(all["department"]).toHaveLength(3);
    const tree = await fixture.call("app", "/department/simplelist?id=2");
    expect(tree["department_id"]).toMatchObject([
      { id: 2, parentid: 1 },
      { id: 3, parentid: 2 },
    ]);
    expect(await fixture.call("app", "/department/list?id=99")).toMatchObject({ errcode: 60123 });
  });

  test("a member is found in any case and shown without private fields", async () => {
    const member = await fixture.call("app", "/user/get?userid=ChenLi");
    expect(member).toMatchObject({
      userid: "chenli",
      name: "陈丽",
      gender: "0",
      direct_leader: ["zhangwei"],
      is_leader_in_dept: [0],
    });
    expect(member).not.toHaveProperty("mobile");
    expect(await fixture.call("app", "/user/get?userid=nobody")).toMatchObject({ errcode: 60111 });
    const list = await fixture.call("app", "/user/simplelist?department_id=3");
    expect((list["userlist"] as { userid: string }[]).map(({ userid }) => userid)).toEqual([
      "chenli",
      "zhangwei",
      "sunhao",
    ]);
  });
});

describe("customers", () => {
  test("a member without customers is an error, not an empty list", async () => {
    const list = await fixture.call("app", "/externalcontact/list?userid=chenli");
    expect(list["external_userid"]).toHaveLength(3);
    expect(await fixture.call("app", "/externalcontact/list?userid=sunhao")).toMatchObject({
      errcode: 84061,
    });
    expect(await fixture.call("app", "/externalcontact/get_follow_user_list")).toMatchObject({
      follow_user: ["chenli"],
    });
  });

  test("a customer comes with followers, corp tags with id and personal ones without", async () => {
    const answer = await fixture.call("app", `/externalcontact/get?external_userid=${PARTNER}`);
    expect(answer).toMatchObject({
      external_contact: { name: "何经理", type: 2, gender: 2, corp_name: "远山科技" },
      follow_user: [{ userid: "chenli", remark: "何经理（备注）", add_way: 1 }],
    });
    expect((answer["follow_user"] as { tags: unknown }[])[0]?.tags).toEqual([
      { group_name: "意向", tag_name: "高", tag_id: expect.stringMatching(/^et/), type: 1 },
      { group_name: "", tag_name: "老客户", type: 2 },
    ]);
    expect(await fixture.call("app", "/externalcontact/get?external_userid=x")).toMatchObject({
      errcode: 40096,
    });
  });

  test("paging by member partitions the list", async () => {
    const ids: string[] = [];
    let cursor = "";
    do {
      const page = await fixture.call("app", "/externalcontact/batch/get_by_user", {
        userid_list: ["chenli"],
        limit: 2,
        cursor,
      });
      for (const item of page["external_contact_list"] as {
        external_contact: { external_userid: string };
      }[]) {
        ids.push(item.external_contact.external_userid);
      }
      cursor = page["next_cursor"] as string;
    } while (cursor !== "");
    expect(ids.sort()).toEqual([CUSTOMER, REFUSING_CUSTOMER, PARTNER].sort());
  });

  test("remarks and tags are changed for this member only where something is said", async () => {
    const tags = await fixture.call("app", "/externalcontact/get_corp_tag_list", {});
    const [high, low] = (tags["tag_group"] as { tag: { id: string }[] }[])[0]!.tag;
    const whose = { userid: "chenli", external_userid: CUSTOMER };
    await fixture.call("app", "/externalcontact/remark", {
      ...whose,
      description: "新描述",
      remark_mobiles: [""],
    });
    await fixture.call("app", "/externalcontact/mark_tag", {
      ...whose,
      add_tag: [low!.id],
      remove_tag: [high!.id],
    });
    const follow = fixture.twin.world.directory.findFollow("chenli", CUSTOMER);
    expect(follow).toMatchObject({
      remark: "阿秀（备注）",
      description: "新描述",
      mobiles: [],
      tagIds: [low!.id],
    });
    expect(
      await fixture.call("app", "/externalcontact/mark_tag", { ...whose, add_tag: ["etnone"] }),
    ).toMatchObject({ errcode: 40068 });
    expect(
      await fixture.call("app", "/externalcontact/remark", { ...whose, userid: "sunhao" }),
    ).toMatchObject({ errcode: 84061 });
  });

  test("groups are listed and shown with names on request", async () => {
    expect(
      await fixture.call("app", "/externalcontact/groupchat/list", { limit: 10 }),
    ).toMatchObject({ group_chat_list: [{ chat_id: ROOM, status: 0 }] });
    const answer = await fixture.call("app", "/externalcontact/groupchat/get", {
      chat_id: ROOM,
      need_name: 1,
    });
    expect(answer["group_chat"]).toMatchObject({
      owner: "chenli",
      member_list: [
        { userid: "chenli", type: 1, name: "陈丽" },
        { userid: "zhangwei", type: 1 },
        { userid: CUSTOMER, type: 2, name: "阿秀" },
      ],
    });
  });

  test("consent is told for pairs and rooms", async () => {
    const info = [CUSTOMER, REFUSING_CUSTOMER].map((id) => ({
      userid: "chenli",
      exteranalopenid: id,
    }));
    expect(await fixture.call("archive", "/msgaudit/check_single_agree", { info })).toMatchObject({
      agreeinfo: [{ agree_status: "Agree" }, { agree_status: "Disagree" }],
    });
    expect(
      await fixture.call("archive", "/msgaudit/check_room_agree", { roomid: ROOM }),
    ).toMatchObject({ agreeinfo: [{ exteranalopenid: CUSTOMER, agree_status: "Agree" }] });
    expect(
      await fixture.call("archive", "/msgaudit/groupchat/get", { roomid: ROOM }),
    ).toMatchObject({ errcode: 301059 });
  });
});

test("intercept rules live from creation to deletion", async () => {
  const path = "/externalcontact";
  const rule = {
    rule_name: "不许承诺收益",
    word_list: ["保本", "保息"],
    semantics_list: [1],
    intercept_type: 1,
    applicable_range: { user_list: ["chenli"], department_list: [] },
  };
  const { rule_id } = await fixture.call("app", `${path}/add_intercept_rule`, rule);
  expect(await fixture.call("app", `${path}/add_intercept_rule`, rule)).toMatchObject({
    errcode: 41077,
  });
  await fixture.call("app", `${path}/update_intercept_rule`, {
    rule_id,
    word_list: [],
    extra_rule: { semantics_list: [] },
    add_applicable_range: { user_list: ["sunhao"] },
  });
  expect(await fixture.call("app", `${path}/get_intercept_rule`, { rule_id })).toMatchObject({
    rule: {
      word_list: ["保本", "保息"],
      extra_rule: { semantics_list: [] },
      applicable_range: { user_list: ["chenli", "sunhao"] },
    },
  });
  await fixture.call("app", `${path}/del_intercept_rule`, { rule_id });
  expect(await fixture.call("app", `${path}/get_intercept_rule`, { rule_id })).toMatchObject({
    errcode: 41071,
  });
  expect(
    await fixture.call("app", `${path}/add_intercept_rule`, {
      ...rule,
      word_list: Array.from({ length: 301 }, (_, i) => `词${i}`),
    }),
  ).toMatchObject({ errcode: 41068 });
});

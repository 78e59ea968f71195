import { checkSingleConsent } from "../../../server/src/wecom/archive-consent.ts";
import { createCustomerContact } from "../../../server/src/wecom/customer-contact.ts";
import { createDirectory } from "../../../server/src/wecom/directory.ts";
import type { WecomClient } from "../../../server/src/wecom/wecom-client.ts";
import { plainClient, startFakeWecom } from "./fake-wecom.ts";
import type { FakeWecom } from "./fake-wecom.ts";

let fake: FakeWecom;
let client: WecomClient;
beforeEach(async () => {
  fake = await startFakeWecom();
  client = plainClient(fake);
});
afterEach(() => fake.close());

describe("the directory", () => {
  const chenli = {
    userid: "ChenLi",
    name: "陈丽",
    department: [4, 7],
    order: [0, 0],
    position: "客户经理",
    gender: "0",
    is_leader_in_dept: [0, 1],
    direct_leader: ["ZhangWei"],
    status: 1,
    extattr: { attrs: [] },
  };

  it("lists departments with their leaders", async () => {
    fake.on("/department/list", () => ({
      errcode: 0,
      department: [
        { id: 1, name: "和盛", parentid: 0, order: 1 },
        { id: 4, name: "一部", parentid: 1, department_leader: ["ZhangWei"], order: 1 },
      ],
    }));
    expect(await createDirectory(client).listDepartments()).toEqual([
      { id: 1, name: "和盛", parentId: 0, leaderIds: [] },
      { id: 4, name: "一部", parentId: 1, leaderIds: ["zhangwei"] },
    ]);
  });

  it("lists a department's members in the product's words", async () => {
    fake.on("/user/list", () => ({ errcode: 0, userlist: [chenli] }));
    expect(await createDirectory(client).listMembersOf(4)).toEqual([
      {
        id: "chenli",
        name: "陈丽",
        position: "客户经理",
        departmentIds: [4, 7],
        directLeaderIds: ["zhangwei"],
        isLeaderIn: [7],
        isActive: true,
      },
    ]);
    expect(fake.requests[0]!.query.get("department_id")).toBe("4");
  });

  it.each([
    [2, false],
    [4, false],
    [5, false],
    [undefined, true],
  ])("a member of status %p is active: %p", async (status, isActive) => {
    fake.on("/user/get", () => ({ errcode: 0, ...chenli, status }));
    expect(await createDirectory(client).getMember("chenli")).toMatchObject({ isActive });
  });

  it("one odd field does not keep the others from being read", async () => {
    const odd = { userid: "a", department: "4", direct_leader: null, position: 7 };
    fake.on("/user/list", () => ({ errcode: 0, userlist: [odd, chenli] }));
    const members = await createDirectory(client).listMembersOf(4);
    expect(members.map(({ id }) => id)).toEqual(["a", "chenli"]);
  });

  it("a member who does not exist is an answer, not a fault of WeCom", async () => {
    fake.on("/user/get", () => ({ errcode: 60111 }));
    await expect(createDirectory(client).getMember("x")).rejects.toMatchObject({ errcode: 60111 });
    expect(client.health().lastFailure).toBeNull();
  });
});

describe("customers", () => {
  const follow = (userid: string) => ({ userid, remark: "", createtime: 1700000000, add_way: 0 });

  it("come with all who follow them, over several pages", async () => {
    fake.on("/externalcontact/get", ({ query }) => ({
      errcode: 0,
      external_contact: {
        external_userid: "wmAbC",
        name: "小雨",
        type: 1,
        gender: 2,
        avatar: "https://wx/a",
      },
      ...(query.get("cursor") === "next"
        ? { follow_user: [follow("B")] }
        : {
            follow_user: [
              {
                ...follow("ChenLi"),
                remark: "王姐",
                description: "老客户",
                add_way: 1,
                tags: [
                  { group_name: "等级", tag_name: "A", tag_id: "et1", type: 1 },
                  { group_name: "", tag_name: "爱喝茶", type: 2 },
                ],
                remark_mobiles: ["13800000000", ""],
                wechat_channels: { nickname: "x" },
              },
            ],
            next_cursor: "next",
          }),
    }));
    const customer = await createCustomerContact(client).getCustomer("wmAbC");
    expect(customer).toEqual({
      id: "wmAbC",
      name: "小雨",
      isWechat: true,
      corpName: null,
      avatarUrl: "https://wx/a",
      gender: "female",
      follows: [
        {
          memberId: "chenli",
          remark: "王姐",
          description: "老客户",
          addedAtMs: 1_700_000_000_000,
          addWay: "qr_code",
          tags: [
            { group: "等级", name: "A", kind: "corp" },
            { group: "", name: "爱喝茶", kind: "personal" },
          ],
          mobiles: ["13800000000"],
        },
        expect.objectContaining({ memberId: "b", addWay: "unknown", tags: [], mobiles: [] }),
      ],
    });
  });

  it("a cursor that never ends is followed so far and no farther", async () => {
    fake.on("/externalcontact/get", () => ({
      errcode: 0,
      external_contact: { external_userid: "wmA", name: "", type: 2, corp_name: "某公司" },
      follow_user: [follow("a")],
      next_cursor: "again",
    }));
    const customer = await createCustomerContact(client).getCustomer("wmA");
    expect(customer).toMatchObject({ isWechat: false, corpName: "某公司", gender: "unknown" });
    expect(fake.count("/externalcontact/get")).toBe(20);
  });

  it("nobody's customer is null, anything else an error", async () => {
    const contact = createCustomerContact(client);
    fake.on("/externalcontact/get", () => ({ errcode: 84061 }));
    expect(await contact.getCustomer("wmA")).toBeNull();
    expect(client.health().lastFailure).toBeNull();
    fake.on("/externalcontact/get", () => ({ errcode: 48002 }));
    await expect(contact.getCustomer("wmA")).rejects.toMatchObject({ errcode: 48002 });
  });

  it("a group has members and customers", async () => {
    fake.on("/externalcontact/groupchat/get", () => ({
      errcode: 0,
      group_chat: {
        chat_id: "wrA",
        name: "交付群",
        owner: "ChenLi",
        create_time: 1_700_000_000,
        member_list: [
          { userid: "ChenLi", type: 1, join_time: 1 },
          { userid: "wmA", type: 2, name: "小雨" },
        ],
      },
    }));
    expect(await createCustomerContact(client).getCustomerGroup("wrA")).toEqual({
      id: "wrA",
      name: "交付群",
      ownerId: "chenli",
      memberIds: ["chenli"],
      customers: [{ id: "wmA", name: "小雨" }],
      createdAtMs: 1_700_000_000_000,
    });
    expect(fake.requests[0]!.body).toEqual({ chat_id: "wrA", need_name: 1 });
  });

  it.each([84061, 49008, 90501, 90509, 40050, 86001])(
    "a group refused with %i is null",
    async (errcode) => {
      fake.on("/externalcontact/groupchat/get", () => ({ errcode }));
      expect(await createCustomerContact(client).getCustomerGroup("wrA")).toBeNull();
    },
  );
});

describe("consent to archiving", () => {
  it("comes for every pair in order, a hundred at a time", async () => {
    fake.on("/msgaudit/check_single_agree", ({ body }) => {
      const info = body["info"] as { userid: string; exteranalopenid: string }[];
      const states = ["Agree", "Disagree", "Default_Agree", "Brand_New"];
      return {
        errcode: 0,
        agreeinfo: info.slice(0, 4).map((pair, index) => ({
          userid: pair.userid.toUpperCase(),
          exteranalopenid: pair.exteranalopenid,
          agree_status: states[index],
          status_change_time: index === 0 ? 1700000000 : 0,
        })),
      };
    });
    const pairs = Array.from({ length: 130 }, (_, i) => ({
      memberId: `m${i}`,
      customerId: `wm${i}`,
    }));
    const states = await checkSingleConsent(client, pairs);
    expect(states.map(({ memberId }) => memberId)).toEqual(pairs.map(({ memberId }) => memberId));
    expect(states.slice(0, 6).map(({ consent }) => consent)).toEqual([
      "agreed",
      "refused",
      "agreed_by_default",
      "unknown",
      "unknown",
      "unknown",
    ]);
    expect(states[0]!.changedAtMs).toBe(1_700_000_000_000);
    expect(states[1]!.changedAtMs).toBeNull();
    expect(states[100]!.consent).toBe("agreed");
    expect(fake.requests.map(({ body }) => (body["info"] as []).length)).toEqual([100, 30]);
  });

  it("asks nothing for nobody", async () => {
    expect(await checkSingleConsent(client, [])).toEqual([]);
    expect(fake.requests).toHaveLength(0);
  });
});

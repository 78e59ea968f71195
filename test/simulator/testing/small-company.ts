import type { Company, Conversation, Customer } from "../company/model.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const CUSTOMER = "wm00000000000000000000000000000001";
export const REFUSING_CUSTOMER = "wm00000000000000000000000000000002";
export const PARTNER = "wo00000000000000000000000000000003";
export const ROOM = "wr00000000000000000000000000000001";

/** A corp of four: a salesperson, the team lead, an admin and a colleague without customers. */
export function smallCompany(): Company {
  return {
    corpName: "影子测试公司",
    departments: [
      { id: 1, name: "总公司", parentId: 0, leaderIds: [] },
      { id: 2, name: "销售部", parentId: 1, leaderIds: ["zhangwei"] },
      { id: 3, name: "一组", parentId: 2, leaderIds: ["zhangwei"] },
    ],
    members: [
      member("chenli", "陈丽", 3, "销售顾问", ["zhangwei"]),
      { ...member("zhangwei", "张伟", 3, "组长", []), isLeader: true },
      member("liuyang", "刘洋", 1, "系统管理员", []),
      member("sunhao", "孙浩", 3, "销售助理", ["zhangwei"]),
    ],
    customers: [
      customer(CUSTOMER, "阿秀", "Agree"),
      customer(REFUSING_CUSTOMER, "老周", "Disagree"),
      { ...customer(PARTNER, "何经理", "Agree"), type: 2, corpName: "远山科技" },
    ],
    rooms: [
      {
        id: ROOM,
        name: "阿秀家的理财群",
        ownerId: "chenli",
        memberIds: ["chenli", "zhangwei"],
        customerIds: [CUSTOMER],
      },
    ],
    corpTags: [{ groupName: "意向", tags: ["高", "低"] }],
    conversations: [
      single(CUSTOMER, ["您好，想了解一下理财", "您好，我是陈丽，很高兴为您服务"], 2 * HOUR_MS),
      single(CUSTOMER, ["很久以前的消息"], 6 * DAY_MS),
      single(REFUSING_CUSTOMER, ["别存我的聊天"], HOUR_MS),
      single(PARTNER, ["合作方案发你了"], 3 * HOUR_MS),
      {
        kind: "group",
        memberId: "chenli",
        roomId: ROOM,
        messages: [
          { fromId: "zhangwei", text: "欢迎阿秀", agoMs: HOUR_MS, kind: "text" },
          {
            fromId: "chenli",
            text: "产品说明.pdf",
            agoMs: HOUR_MS - 1000,
            kind: "file",
            extra: { fileName: "产品说明.pdf", fileSizeBytes: 1500 },
          },
        ],
      },
    ],
  };
}

function member(id: string, name: string, department: number, position: string, leaders: string[]) {
  return {
    id,
    name,
    departmentIds: [department],
    position,
    isLeader: false,
    directLeaderIds: leaders,
    gender: 2 as const,
    mobile: "",
  };
}

function customer(id: string, name: string, consent: Customer["consent"]): Customer {
  const follow = {
    memberId: "chenli",
    remark: `${name}（备注）`,
    description: "展会认识",
    tags: ["高", "老客户"],
    addWay: 1,
    createdAgoMs: 30 * DAY_MS,
    mobiles: ["13800000000"],
  };
  return { id, name, type: 1, gender: 2, follows: [follow], consent };
}

/** The customer speaks first, then they take turns, a minute apart; the last message is `agoMs` old. */
function single(customerId: string, texts: string[], agoMs: number): Conversation {
  return {
    kind: "single",
    memberId: "chenli",
    customerId,
    messages: texts.map((text, index) => ({
      fromId: index % 2 === 0 ? customerId : "chenli",
      text,
      agoMs: agoMs + (texts.length - 1 - index) * 60_000,
      kind: "text" as const,
    })),
  };
}

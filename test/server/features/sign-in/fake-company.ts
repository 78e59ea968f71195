import { startFakeWecom } from "../../wecom/fake-wecom.ts";
import type { FakeAnswer, FakeRequest, FakeWecom } from "../../wecom/fake-wecom.ts";

export interface FakeMember {
  userid: string;
  name: string;
  position: string;
  department: number[];
  is_leader_in_dept: number[];
  direct_leader: string[];
  /** 1 active, 2 disabled. */
  status: number;
}

export interface FakeCustomer {
  external_contact: Record<string, unknown>;
  follow_user: Record<string, unknown>[];
}

/** A corp in WeCom's place whose state a test changes as it likes. */
export interface FakeCompany {
  wecom: FakeWecom;
  departments: { id: number; name: string; parentid: number; department_leader: string[] }[];
  members: FakeMember[];
  customers: Map<string, FakeCustomer>;
  groups: Map<string, Record<string, unknown>>;
  /** `agree_status` by customer. */
  consents: Map<string, string>;
  /** By code: what getuserinfo answers, once. */
  codes: Map<string, Record<string, unknown>>;
  /** Every call but tokens answers so: an errcode, or "down" for a gateway's 502. */
  trouble: number | "down" | null;
}

export function member(userid: string, change: Partial<FakeMember> = {}): FakeMember {
  return {
    userid,
    name: `姓名${userid}`,
    position: "顾问",
    department: [31],
    is_leader_in_dept: [0],
    direct_leader: [],
    status: 1,
    ...change,
  };
}

/** 1 company ← 3 sales ← 31 first group; zhangwei leads 31, zhoumin leads 3; liuyang administers. */
export async function startFakeCompany(): Promise<FakeCompany> {
  const wecom = await startFakeWecom();
  const company: FakeCompany = {
    wecom,
    departments: [
      { id: 1, name: "公司", parentid: 0, department_leader: [] },
      { id: 3, name: "销售部", parentid: 1, department_leader: ["ZhouMin"] },
      { id: 31, name: "一组", parentid: 3, department_leader: [] },
    ],
    members: [
      member("zhoumin", { name: "周敏", department: [3] }),
      member("zhangwei", { name: "张伟", is_leader_in_dept: [1] }),
      member("ChenLi", { name: "陈丽" }),
      member("wuhao", { name: "吴昊" }),
      member("liuyang", { name: "刘洋", department: [1] }),
    ],
    customers: new Map(),
    groups: new Map(),
    consents: new Map(),
    codes: new Map(),
    trouble: null,
  };
  const on = (api: string, answer: (request: FakeRequest) => FakeAnswer): void =>
    wecom.on(api, (request) => {
      if (company.trouble === "down") return { status: 502, text: "bad gateway" };
      return company.trouble === null ? answer(request) : { errcode: company.trouble };
    });
  wecom.on("/gettoken", () => ({ errcode: 0, access_token: "T", expires_in: 7200 }));
  on("/get_jsapi_ticket", () => ({ errcode: 0, ticket: "corp-ticket", expires_in: 7200 }));
  on("/ticket/get", () => ({ errcode: 0, ticket: "app-ticket", expires_in: 7200 }));
  answerPeople(company, on);
  answerCustomers(company, on);
  return company;
}

type On = (api: string, answer: (request: FakeRequest) => FakeAnswer) => void;

function answerPeople(company: FakeCompany, on: On): void {
  on("/department/list", () => ({ errcode: 0, department: company.departments }));
  on("/user/list", ({ query }) => ({
    errcode: 0,
    userlist: company.members.filter(({ department }) =>
      department.includes(Number(query.get("department_id"))),
    ),
  }));
  on("/user/get", ({ query }) => {
    const id = query.get("userid")?.toLowerCase();
    const found = company.members.find(({ userid }) => userid.toLowerCase() === id);
    return found ? { errcode: 0, ...found } : { errcode: 60111 };
  });
  on("/auth/getuserinfo", ({ query }) => {
    const code = query.get("code") ?? "";
    const person = company.codes.get(code);
    company.codes.delete(code);
    return person ? { errcode: 0, ...person } : { errcode: 40029 };
  });
}

function answerCustomers(company: FakeCompany, on: On): void {
  on("/externalcontact/get", ({ query }) => {
    const id = query.get("external_userid") ?? "";
    if (!/^w[mo]/.test(id)) return { errcode: 40096 };
    const found = company.customers.get(id);
    return found ? { errcode: 0, ...found } : { errcode: 84061 };
  });
  on("/externalcontact/groupchat/get", ({ body }) => {
    const found = company.groups.get(String(body["chat_id"]));
    return found ? { errcode: 0, group_chat: found } : { errcode: 40050 };
  });
  on("/msgaudit/check_single_agree", ({ body }) => {
    const pairs = body["info"] as { userid: string; exteranalopenid: string }[];
    return {
      errcode: 0,
      agreeinfo: pairs.map((pair) => ({
        ...pair,
        agree_status: company.consents.get(pair.exteranalopenid) ?? "Default_Agree",
        status_change_time: 1_700_000_000,
      })),
    };
  });
}

/** A WeChat customer; each follow is `[member, change]`. */
export function customer(
  id: string,
  follows: [userid: string, change?: Record<string, unknown>][],
  contact: Record<string, unknown> = {},
): FakeCustomer {
  return {
    external_contact: { external_userid: id, name: `客户${id}`, type: 1, gender: 2, ...contact },
    follow_user: follows.map(([userid, change]) => ({
      userid,
      remark: "",
      description: "",
      createtime: 1_700_000_000,
      tags: [],
      remark_mobiles: [],
      add_way: 1,
      ...change,
    })),
  };
}

import { expect, test } from "@jest/globals";
import type { MemberView } from "../../client-contract.ts";
import { groupByDepartment, managers, salespeople } from "./members.ts";

const member = (id: string, change: Partial<MemberView> = {}): MemberView => ({
  id,
  name: id,
  position: "客户经理",
  department: "销售一部",
  isLeader: false,
  isAdmin: false,
  avatarColor: "#000",
  conversationCount: 0,
  ...change,
});
const members = [
  member("zhouming", { isLeader: true, department: "总经理办公室" }),
  member("zhaoqiang", { conversationCount: 50 }),
  member("zhangwei", { isLeader: true, conversationCount: 60 }),
  member("chenli", { conversationCount: 10 }),
];
const ids = (list: readonly MemberView[]) => list.map((one) => one.id);

test("先推荐陈丽，再推荐忙的销售，最后是带客户的主管", () => {
  expect(ids(salespeople(members))).toEqual(["chenli", "zhaoqiang", "zhangwei"]);
});

test("主管里先推荐张伟", () => {
  expect(ids(managers(members))).toEqual(["zhangwei", "zhouming"]);
});

test("按部门分组，能按姓名、部门、职务查找", () => {
  expect(groupByDepartment(members, "").map((group) => group.department)).toEqual([
    "总经理办公室",
    "销售一部",
  ]);
  expect(groupByDepartment(members, " ZHAO ").flatMap((group) => ids(group.members))).toEqual([
    "zhaoqiang",
  ]);
  expect(groupByDepartment(members, "没有这个人")).toEqual([]);
});

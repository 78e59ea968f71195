import type { Department, Member } from "../../../../server/src/features/members/member.ts";
import { createOrgChart } from "../../../../server/src/features/members/org-chart.ts";

const department = (id: number, parentId: number, ...leaderIds: string[]): Department => ({
  id,
  parentId,
  name: `部门${id}`,
  leaderIds,
});

const member = (id: string, departmentIds: number[], change: Partial<Member> = {}): Member => ({
  id,
  name: id,
  position: "",
  departmentIds,
  directLeaderIds: [],
  isActive: true,
  ...change,
});

function chartOf(departments: Department[], members: Member[]) {
  return createOrgChart(
    new Map(members.map((one) => [one.id, one])),
    new Map(departments.map((one) => [one.id, one])),
  );
}

const tree = [
  department(1, 0, "boss"),
  department(3, 1, "director"),
  department(31, 3, "lead"),
  department(32, 3),
  department(4, 1),
];
const people = [
  member("boss", [1]),
  member("director", [3]),
  member("lead", [31]),
  member("a", [31]),
  member("b", [32]),
  member("c", [4]),
  member("d", [31, 32]),
  member("e", [31], { directLeaderIds: ["c"] }),
  member("f", [31], { directLeaderIds: ["gone"] }),
  member("gone", [4], { isActive: false }),
  member("nowhere", []),
];

describe("who answers for whom", () => {
  const chart = chartOf(tree, people);

  it.each([
    ["a", ["lead"], "the leader of the department"],
    ["lead", ["director"], "never oneself: the next above"],
    ["director", ["boss"], "the next above"],
    ["boss", [], "nobody above the top"],
    ["b", ["director"], "a department without a leader: the one above"],
    ["c", ["boss"], "the same"],
    ["d", ["lead"], "of two departments, the nearer leader"],
    ["e", ["c"], "the direct leader before the department's"],
    ["f", ["lead"], "a direct leader who has left does not count"],
    ["nowhere", [], "no department, no direct leader"],
    ["unknown", [], "nobody for nobody"],
  ])("%s → %j: %s", (memberId, expected) => {
    expect(chart.managersOf(memberId)).toEqual(expected);
  });

  it("asks the department above when all its leaders have left", () => {
    const departments = [department(1, 0, "boss"), department(2, 1, "old", "older")];
    const members = [
      member("boss", [1]),
      member("old", [2], { isActive: false }),
      member("x", [2]),
    ];
    expect(chartOf(departments, members).managersOf("x")).toEqual(["boss"]);
  });

  it("names all leaders of the same level, each once", () => {
    const departments = [department(1, 0), department(2, 1, "p", "q"), department(3, 1, "q", "r")];
    const members = ["p", "q", "r"].map((id) => member(id, [1]));
    members.push(member("x", [2, 3]));
    expect(chartOf(departments, members).managersOf("x")).toEqual(["p", "q", "r"]);
  });

  it("comes to an end in a tree with a circle or a missing parent", () => {
    const departments = [department(1, 2), department(2, 1), department(3, 99)];
    const chart = chartOf(departments, [member("x", [1, 3]), member("y", [2])]);
    expect(chart.managersOf("x")).toEqual([]);
    const led = chartOf(
      [department(1, 2, "m"), department(2, 1)],
      [member("m", [1]), member("y", [2])],
    );
    expect(led.membersLedBy("m")).toEqual(["y"]);
  });
});

describe("whom one leads", () => {
  const chart = chartOf(tree, people);

  it.each([
    ["lead", ["a", "d", "e", "f"]],
    ["director", ["lead", "a", "b", "d", "e", "f"]],
    ["c", ["e"]],
    ["a", []],
    ["unknown", []],
  ])("%s leads %j", (managerId, expected) => {
    expect(chart.membersLedBy(managerId).sort()).toEqual([...expected].sort());
  });

  it("includes members who have left: their cases still need a manager", () => {
    expect(chart.membersLedBy("boss")).toContain("gone");
  });

  it("does not include the neighbours' team or those above", () => {
    expect(chart.membersLedBy("lead")).not.toContain("b");
    expect(chart.membersLedBy("lead")).not.toContain("director");
  });

  it.each([
    ["boss", true],
    ["lead", true],
    ["c", true],
    ["a", false],
    ["unknown", false],
  ])("is %s a manager? %s", (memberId, expected) => {
    expect(chart.isManager(memberId)).toBe(expected);
  });

  it("is no manager who is only their own direct leader", () => {
    const chart = chartOf([], [member("x", [], { directLeaderIds: ["x"] })]);
    expect(chart.isManager("x")).toBe(false);
  });

  it("finds two of different lines, those who lead most, and nobody where all stand in one", () => {
    expect(chart.managersOfTwoLines()).toEqual(["director", "c"]);
    const line = [department(1, 0, "boss"), department(2, 1, "lead")];
    const all = [member("boss", [1]), member("lead", [2]), member("a", [2])];
    expect(chartOf(line, all).managersOfTwoLines()).toEqual([]);
    const twins = [...line, department(3, 1, "other"), department(4, 1, "gone")];
    const more = [...all, member("other", [3]), member("gone", [4], { isActive: false })];
    expect(chartOf(twins, more).managersOfTwoLines()).toEqual(["lead", "other"]);
  });
});

import {
  memberCallbacks,
  registerMemberJobs,
  syncStaleDirectory,
} from "../../../../server/src/features/members/members.jobs.ts";
import { DepartmentRow, MemberRow } from "../../../../server/src/features/members/member.entity.ts";
import { Job } from "../../../../server/src/platform/jobs/job.entity.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import { member } from "../sign-in/fake-company.ts";
import { startPeopleWorld } from "../sign-in/people-world.ts";
import type { PeopleWorld } from "../sign-in/people-world.ts";

forEachDatabase("members", (open) => {
  let world: PeopleWorld;
  beforeEach(async () => {
    world = await startPeopleWorld(open);
  });
  afterEach(() => world.stop());

  const activeIds = async (): Promise<string[]> => {
    const rows = await world.database.read.findBy(MemberRow, { isActive: true });
    return rows.map(({ id }) => id).sort();
  };
  const dropMember = (id: string): void => {
    world.company.members = world.company.members.filter(
      ({ userid }) => userid.toLowerCase() !== id,
    );
  };

  describe("a sync", () => {
    it("brings everybody, with names sealed", async () => {
      await world.sync();
      expect(await world.members.find("chenli")).toEqual({
        id: "chenli",
        name: "陈丽",
        position: "顾问",
        departmentIds: [31],
        directLeaderIds: [],
        isActive: true,
      });
      const rows = await world.database.read.find(MemberRow);
      expect(rows).toHaveLength(5);
      for (const { profile } of rows) expect(profile.toString("utf8")).not.toContain("顾问");
    });

    it("takes leaders from the departments and from the members", async () => {
      await world.sync();
      const rows = await world.database.read.find(DepartmentRow, { order: { id: "ASC" } });
      expect(rows.map(({ id, leaderIds }) => [id, leaderIds])).toEqual([
        [1, []],
        [3, ["zhoumin"]],
        [31, ["zhangwei"]],
      ]);
      expect(await world.members.managersOf("chenli")).toEqual(["zhangwei"]);
      expect(await world.members.membersLedBy("zhoumin")).toEqual(
        expect.arrayContaining(["zhangwei", "chenli", "wuhao"]),
      );
    });

    it("follows changes of name, department and tree", async () => {
      await world.sync();
      world.company.departments = [
        { id: 1, name: "公司", parentid: 0, department_leader: [] },
        { id: 9, name: "新部门", parentid: 1, department_leader: ["liuyang"] },
      ];
      world.company.members = [
        member("chenli", { name: "陈莉", department: [9] }),
        member("liuyang", { department: [1] }),
      ];
      await world.sync();
      expect(await world.members.get("chenli")).toMatchObject({
        name: "陈莉",
        departmentIds: [9],
      });
      expect(await world.members.managersOf("chenli")).toEqual(["liuyang"]);
      expect(await world.database.read.countBy(DepartmentRow, { id: 31 })).toBe(0);
    });

    it("keeps who has left or is disabled, inactive, and takes them back", async () => {
      await world.sync();
      dropMember("wuhao");
      world.company.members.push(member("chenli", { status: 2 }));
      dropMember("chenli");
      world.company.members.push(member("chenli", { name: "陈丽", status: 2 }));
      await world.sync();
      expect(await activeIds()).toEqual(["liuyang", "zhangwei", "zhoumin"]);
      expect(await world.members.find("wuhao")).toMatchObject({ name: "吴昊", isActive: false });
      expect(await world.members.namesOf(["wuhao", "chenli", "nobody"])).toEqual(
        new Map([
          ["wuhao", "吴昊"],
          ["chenli", "陈丽"],
        ]),
      );
      world.company.members.push(member("wuhao"));
      await world.sync();
      expect(await activeIds()).toContain("wuhao");
    });

    it("that fails half way changes nothing", async () => {
      await world.sync();
      let calls = 0;
      world.company.wecom.on("/user/list", () => {
        calls += 1;
        return calls === 2 ? { errcode: 60011 } : { errcode: 0, userlist: [] };
      });
      await expect(world.members.sync()).rejects.toMatchObject({ errcode: 60011 });
      expect(await activeIds()).toHaveLength(5);
    });

    it("that finds nobody at all is a lost permission, not an empty company", async () => {
      await world.sync();
      world.company.members = [];
      await expect(world.members.sync()).rejects.toMatchObject({ name: "EmptyDirectoryError" });
      expect(await activeIds()).toHaveLength(5);
    });

    it("does not undo one that began to read later", async () => {
      const older = await world.members.sync();
      dropMember("wuhao");
      // The database's clock must have moved on for "later" to be later.
      const startedAtMs = await world.database.nowMs();
      while ((await world.database.nowMs()) === startedAtMs);
      await world.sync();
      await world.database.write(older);
      expect(await activeIds()).not.toContain("wuhao");
    });

    it("is seen by another process within seconds, and at once by this one", async () => {
      await world.sync();
      const other = await startPeopleWorld(open, { company: world.company, kek: world.kek });
      expect(await other.members.find("neu")).toBeUndefined();
      world.company.members.push(member("neu"));
      await world.sync();
      expect(await world.members.find("neu")).toBeDefined();
      other.time.nowMs += 3_000;
      expect(await other.members.find("neu")).toBeDefined();
      await other.stop();
    });
  });

  it("get refuses who does not exist", async () => {
    await world.sync();
    await expect(world.members.get("nobody")).rejects.toMatchObject({ code: "not_found" });
  });

  describe("somebody new", () => {
    it("is found by asking WeCom, kept, and a sync follows", async () => {
      await world.sync();
      world.company.members.push(member("XinRen", { name: "新人" }));
      expect(await world.members.findFresh("xinren")).toMatchObject({ name: "新人" });
      expect(await activeIds()).toContain("xinren");
      expect(await world.database.read.countBy(Job, { kind: "members.sync" })).toBe(1);
    });

    it("does not make an empty directory look synced", async () => {
      await world.members.findFresh("chenli");
      expect(await world.members.lastSyncedAtMs()).toBeNull();
      await world.sync();
      expect(await activeIds()).toHaveLength(5);
    });

    it.each([60111, 60011])("is not there when WeCom says %d", async (errcode) => {
      await world.sync();
      world.company.wecom.on("/user/get", () => ({ errcode }));
      expect(await world.members.findFresh("nobody")).toBeUndefined();
    });

    it("cannot be told of while WeCom is out of reach", async () => {
      await world.sync();
      world.company.trouble = "down";
      await expect(world.members.findFresh("nobody")).rejects.toMatchObject({
        name: "WecomUnreachableError",
      });
      expect(await world.members.findFresh("chenli")).toBeDefined();
    });
  });

  describe("its jobs", () => {
    it("sync at the start when there is nothing yet, and not when it is fresh", async () => {
      registerMemberJobs(world);
      await syncStaleDirectory(world);
      world.jobs.start();
      await world.jobs.idle();
      await world.jobs.stop();
      expect(await activeIds()).toHaveLength(5);
      const countSyncs = () => world.database.read.countBy(Job, { kind: "members.sync" });
      const before = await countSyncs();
      await syncStaleDirectory(world);
      expect(await countSyncs()).toBe(before);
    });

    it("turn a burst of callbacks into one sync or two", async () => {
      const { member_changed, department_changed } = memberCallbacks(world.members);
      const created = { kind: "member_changed", change: "created", newMemberId: null } as const;
      for (let index = 0; index < 50; index += 1) {
        const effect = await member_changed({ ...created, memberId: `new${index}` });
        await world.database.write(effect);
      }
      const change = { kind: "department_changed", change: "updated", departmentId: 3 } as const;
      await world.database.write(await department_changed(change));
      const waiting = await world.database.read.countBy(Job, { kind: "members.sync" });
      // The ten seconds may turn while the burst comes in.
      expect(waiting).toBeGreaterThan(0);
      expect(waiting).toBeLessThan(4);
    });

    it("let nobody in who was deleted, before any sync", async () => {
      await world.sync();
      const { member_changed } = memberCallbacks(world.members);
      const effect = await member_changed({
        kind: "member_changed",
        change: "deleted",
        memberId: "chenli",
        newMemberId: null,
      });
      await world.database.write(effect);
      expect(await world.members.find("chenli")).toMatchObject({ isActive: false });
      expect(await world.members.managersOf("zhangwei")).toEqual(["zhoumin"]);
    });
  });
});

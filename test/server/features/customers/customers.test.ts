import { ConsentEvent } from "../../../../server/src/features/archive/consent.entity.ts";
import { CustomerRow } from "../../../../server/src/features/customers/customer.entity.ts";
import { customerCallbacks } from "../../../../server/src/features/customers/customers.jobs.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import { customer } from "../sign-in/fake-company.ts";
import { startPeopleWorld } from "../sign-in/people-world.ts";
import type { PeopleWorld } from "../sign-in/people-world.ts";

const MINUTE_MS = 60_000;

forEachDatabase("customers", (open) => {
  let world: PeopleWorld;
  beforeEach(async () => {
    world = await startPeopleWorld(open);
    world.company.customers.set("wmA", customer("wmA", [["ChenLi", { remark: "王总" }]]));
  });
  afterEach(() => world.stop());

  const calls = (): number => world.company.wecom.count("/externalcontact/get");
  const get = (memberId = "chenli", id = "wmA") => world.customers.get(id, memberId);

  it("come with what the follower noted and whether they agreed", async () => {
    world.company.consents.set("wmA", "Disagree");
    const { profile, isStale, syncedAtMs } = await get();
    expect(profile).toMatchObject({
      id: "wmA",
      name: "客户wmA",
      follows: [{ memberId: "chenli", remark: "王总" }],
      consents: { chenli: "refused" },
    });
    expect(isStale).toBe(false);
    expect(syncedAtMs).toBe(world.time.nowMs);
  });

  it("are sealed in the table", async () => {
    await get();
    const row = await world.database.read.findOneByOrFail(CustomerRow, { id: "wmA" });
    expect(row.profile.toString("utf8")).not.toMatch(/客户wmA|王总/);
  });

  it("are asked of WeCom once in five minutes, by many at once as by one", async () => {
    await Promise.all(Array.from({ length: 20 }, () => get()));
    world.time.nowMs += 5 * MINUTE_MS - 1;
    await get();
    expect(calls()).toBe(1);
    world.time.nowMs += 1;
    await get();
    expect(calls()).toBe(2);
  });

  it("are shared with other processes", async () => {
    await get();
    const other = await startPeopleWorld(open, { company: world.company, kek: world.kek });
    await other.customers.get("wmA", "chenli");
    expect(calls()).toBe(1);
    await other.stop();
  });

  describe("of others", () => {
    it.each([
      ["of a colleague", "wmA"],
      ["nobody's", "wmNobody"],
      ["not an id of a customer", "chenli"],
      ["an id that WeCom does not take", "wx../../etc"],
      ["a member id", "zhangwei"],
    ])("are not found: %s", async (_what, id) => {
      await expect(get("wuhao", id)).rejects.toMatchObject({ code: "customer_not_found" });
    });

    it("are asked of WeCom again only after ten seconds, and then found when added meanwhile", async () => {
      await get();
      await expect(get("wuhao")).rejects.toMatchObject({ code: "customer_not_found" });
      world.company.customers.set("wmA", customer("wmA", [["chenli"], ["wuhao"]]));
      await expect(get("wuhao")).rejects.toMatchObject({ code: "customer_not_found" });
      expect(calls()).toBe(1);
      world.time.nowMs += 10_000;
      expect((await get("wuhao")).profile.follows).toHaveLength(2);
    });

    it("stay unseen while WeCom is down, whether they exist or not", async () => {
      await get();
      world.time.nowMs += MINUTE_MS;
      world.company.trouble = "down";
      await expect(get("wuhao")).rejects.toMatchObject({ code: "wecom_unreachable" });
      await expect(get("wuhao", "wmOther")).rejects.toMatchObject({ code: "wecom_unreachable" });
    });
  });

  describe("when WeCom is in trouble", () => {
    it.each(["down" as const, 45009, 48002])("(%s) are shown as they were", async (trouble) => {
      const before = await get();
      world.time.nowMs += 60 * MINUTE_MS;
      world.company.trouble = trouble;
      expect(await get()).toEqual({ ...before, isStale: true });
      world.company.trouble = null;
      expect((await get()).isStale).toBe(false);
    });

    it("are not made up when they were never seen", async () => {
      world.company.trouble = 48002;
      await expect(get()).rejects.toMatchObject({ code: "wecom_refused" });
    });

    it("are shown with the consent known last when only the archive's interface fails", async () => {
      world.company.consents.set("wmA", "Agree");
      await get();
      world.company.wecom.on("/msgaudit/check_single_agree", () => ({ errcode: 301052 }));
      world.time.nowMs += 6 * MINUTE_MS;
      const { profile, isStale } = await get();
      expect(profile.consents).toEqual({ chenli: "agreed" });
      expect(isStale).toBe(false);
    });
  });

  describe("who said in a chat whether it may be archived", () => {
    /** When WeCom's interface says that the consent changed, see `fake-company.ts`. */
    const CHANGED_MS = 1_700_000_000_000;
    const say = async (seq: number, said: Partial<ConsentEvent>): Promise<void> => {
      const event = { customerId: "wmA", memberId: "chenli", roomId: null, ...said };
      await world.database.write((tx) =>
        tx.insert(ConsentEvent, { seq, state: "refused", atMs: CHANGED_MS + 1, ...event }),
      );
    };
    const consent = async () => (await get()).profile.consents["chenli"];

    it.each<[string, Partial<ConsentEvent>[], string]>([
      ["nothing", [], "agreed"],
      ["a refusal, later", [{}], "refused"],
      ["a refusal, earlier", [{ atMs: CHANGED_MS - 1 }], "agreed"],
      [
        "a refusal and then consent",
        [{ atMs: CHANGED_MS + 5 }, { atMs: CHANGED_MS + 9, state: "agreed" }],
        "agreed",
      ],
      [
        "consent and then, out of order, a refusal",
        [{ atMs: CHANGED_MS + 9 }, { state: "agreed" }],
        "refused",
      ],
      ["a refusal towards a colleague", [{ memberId: "wuhao" }], "agreed"],
      ["a refusal in a group", [{ memberId: null, roomId: "wrRoom" }], "agreed"],
      ["somebody else's refusal", [{ customerId: "wmB" }], "agreed"],
    ])("%s", async (_what, events, expected) => {
      world.company.consents.set("wmA", "Agree");
      for (const [index, event] of events.entries()) await say(index + 1, event);
      expect(await consent()).toBe(expected);
    });

    it("counts at once, not when WeCom is asked again", async () => {
      world.company.consents.set("wmA", "Agree");
      expect(await consent()).toBe("agreed");
      await say(1, {});
      expect(await consent()).toBe("refused");
      expect(calls()).toBe(1);
    });

    it("counts when the interface does not answer, or does not know", async () => {
      await say(1, { state: "agreed" });
      world.company.wecom.on("/msgaudit/check_single_agree", () => ({ errcode: 301052 }));
      expect(await consent()).toBe("agreed");
    });
  });

  it("that nobody has any more are hidden and keep their name", async () => {
    await get();
    world.company.customers.delete("wmA");
    world.time.nowMs += 6 * MINUTE_MS;
    await expect(get()).rejects.toMatchObject({ code: "customer_not_found" });
    world.company.trouble = "down";
    world.time.nowMs += MINUTE_MS;
    await expect(get()).rejects.toMatchObject({ code: "wecom_unreachable" });
    expect(await world.customers.nameOf("wmA")).toBe("客户wmA");
  });

  describe("by name", () => {
    it.each([
      ["wmA", "客户wmA"],
      ["wmNobody", null],
      ["chenli", null],
    ])("%s is %s", async (id, expected) => {
      expect(await world.customers.nameOf(id)).toBe(expected);
    });

    it("are nameless while WeCom is down, and from the table when they are there", async () => {
      await get();
      world.company.trouble = "down";
      world.time.nowMs += 60 * MINUTE_MS;
      expect(await world.customers.nameOf("wmA")).toBe("客户wmA");
      expect(await world.customers.nameOf("wmB")).toBeNull();
    });
  });

  describe("after a callback", () => {
    const changed = (customerId: string) =>
      customerCallbacks(world.customers).customer_changed({
        kind: "customer_changed",
        change: "edited",
        memberId: "chenli",
        customerId,
        atMs: world.time.nowMs,
      });

    it("are read anew, in the transaction of the event", async () => {
      await get();
      world.company.customers.set("wmA", customer("wmA", [["chenli", { remark: "王董" }]]));
      const effect = await changed("wmA");
      expect((await get()).profile.follows[0]?.remark).toBe("王总");
      if (effect) await world.database.write(effect);
      expect((await get()).profile.follows[0]?.remark).toBe("王董");
    });

    it("are left alone when nobody has looked at them", async () => {
      expect(await changed("wmZ")).toBeUndefined();
      expect(calls()).toBe(0);
    });

    it("wait for WeCom when it is down: the job tries again", async () => {
      await get();
      world.company.trouble = "down";
      await expect(changed("wmA")).rejects.toMatchObject({ name: "WecomUnreachableError" });
    });
  });

  describe("in a group", () => {
    const group = (...members: string[]) => ({
      chat_id: "wrG",
      name: "客户群",
      owner: "ZhangWei",
      create_time: 1_700_000_000,
      member_list: [
        ...members.map((userid) => ({ userid, type: 1 })),
        { userid: "wmA", type: 2, name: "客户" },
      ],
    });
    const getGroup = (memberId: string, roomId = "wrG") =>
      world.customers.getGroup(roomId, memberId);
    beforeEach(() => world.company.groups.set("wrG", group("ZhangWei", "chenli")));

    it("are shown to its members alone", async () => {
      expect((await getGroup("chenli")).group).toMatchObject({ id: "wrG", ownerId: "zhangwei" });
      await expect(getGroup("wuhao")).rejects.toMatchObject({ code: "customer_not_found" });
      await expect(getGroup("chenli", "wrX")).rejects.toMatchObject({
        code: "customer_not_found",
      });
    });

    it("are asked of WeCom once in five minutes", async () => {
      await Promise.all([getGroup("chenli"), getGroup("chenli"), getGroup("zhangwei")]);
      await getGroup("chenli");
      expect(world.company.wecom.count("/externalcontact/groupchat/get")).toBe(1);
      world.time.nowMs += 5 * MINUTE_MS;
      await getGroup("chenli");
      expect(world.company.wecom.count("/externalcontact/groupchat/get")).toBe(2);
    });

    it("are shown as they were while WeCom is down, to those who were in it", async () => {
      await getGroup("chenli");
      world.time.nowMs += 60 * MINUTE_MS;
      world.company.trouble = "down";
      expect((await getGroup("chenli")).isStale).toBe(true);
      await expect(getGroup("wuhao")).rejects.toMatchObject({ code: "wecom_unreachable" });
    });

    it("are read anew after a callback: who was removed sees it no more", async () => {
      await getGroup("chenli");
      world.company.groups.set("wrG", group("ZhangWei"));
      const effect = await customerCallbacks(world.customers).group_changed({
        kind: "group_changed",
        change: "updated",
        roomId: "wrG",
      });
      await world.database.write(effect);
      await expect(getGroup("chenli")).rejects.toMatchObject({ code: "customer_not_found" });
    });
  });
});

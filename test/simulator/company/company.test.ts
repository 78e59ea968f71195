import { compileRules } from "#shared/rules/compile";
import { scan } from "#shared/rules/scan";
import { starterRules } from "#shared/rules/starter-rules";
import { generateCompany } from "./company.ts";
import { normaliseTranscript } from "./conversations.ts";
import type { Conversation, Member } from "./model.ts";
import { violationCategories } from "./model.ts";
import { listSalespeople } from "./organisation.ts";
import { sceneBook } from "./scenes/scene-book.ts";
import { parseScenes } from "./script.ts";
import { createWorkingClock, newestAgoMs, oldestAgoMs } from "./timing.ts";

const company = generateCompany(20260801);
const memberById = new Map(company.members.map((member) => [member.id, member]));
const customerById = new Map(company.customers.map((customer) => [customer.id, customer]));
const roomById = new Map(company.rooms.map((room) => [room.id, room]));
const allTexts = company.conversations.flatMap((one) =>
  one.messages.map((message) => message.text),
);

function listSuperiors(member: Member): string[] {
  const [superiorId] = member.directLeaderIds;
  const superior = superiorId === undefined ? undefined : memberById.get(superiorId);
  return superior ? [superior.id, ...listSuperiors(superior)] : [];
}

describe("the company", () => {
  test("is the same for the same seed and another for another", () => {
    expect(generateCompany(20260801)).toEqual(company);
    expect(generateCompany(7).customers[0]).not.toEqual(company.customers[0]);
  });

  test("has 20 members, 500 customers, 500 conversations and 35 groups", () => {
    expect(company.members).toHaveLength(20);
    expect(company.customers).toHaveLength(500);
    expect(company.conversations).toHaveLength(500);
    expect(company.conversations.filter((one) => one.kind === "group")).toHaveLength(35);
    expect(listSalespeople(company.members)).toHaveLength(12);
  });

  test("has departments on three levels, and its leaders lead them", () => {
    const parentOf = new Map(company.departments.map((one) => [one.id, one.parentId]));
    const depth = (id: number): number =>
      id === 0 ? 0 : 1 + depth(parentOf.get(id) ?? Number.NaN);
    expect(Math.max(...company.departments.map((one) => depth(one.id)))).toBe(3);
    for (const leaderId of company.departments.flatMap((one) => one.leaderIds)) {
      expect(memberById.get(leaderId)?.isLeader).toBe(true);
    }
    for (const id of company.members.flatMap((one) => one.departmentIds)) {
      expect(parentOf.has(id)).toBe(true);
    }
  });

  test("每个销售都有组长、总监、总经理三级上级", () => {
    for (const member of listSalespeople(company.members)) {
      expect(listSuperiors(member)).toHaveLength(member.isLeader ? 2 : 3);
    }
    expect(listSuperiors(memberById.get("chenli")!)).toEqual([
      "zhangwei",
      "zhoumin",
      "sunjianping",
    ]);
    expect(memberById.get("liuyang")?.name).toBe("刘洋");
    expect(memberById.get("wangfang")?.name).toBe("王芳");
  });
});

describe("customers and groups", () => {
  test("have ids as WeCom writes them, and every id leads somewhere", () => {
    expect(customerById.size).toBe(500);
    for (const customer of company.customers) {
      expect(customer.id).toMatch(/^wm[\w-]{30}$/u);
      expect(customer.type === 2).toBe(customer.corpName !== undefined);
      expect(customer.follows.length).toBeGreaterThan(0);
      for (const follow of customer.follows) expect(memberById.has(follow.memberId)).toBe(true);
    }
    for (const room of company.rooms) {
      expect(room.id).toMatch(/^wr[\w-]{30}$/u);
      expect(room.memberIds).toContain(room.ownerId);
      expect(room.customerIds.length).toBeGreaterThanOrEqual(3);
      for (const id of room.memberIds) expect(memberById.has(id)).toBe(true);
      for (const id of room.customerIds) expect(customerById.has(id)).toBe(true);
    }
  });

  test("wear only tags that the company has", () => {
    const known = new Set(company.corpTags.flatMap((group) => group.tags));
    const worn = company.customers.flatMap((one) => one.follows.flatMap((follow) => follow.tags));
    expect(worn.filter((tag) => !known.has(tag))).toEqual([]);
  });

  test("consent in all three ways, and chenli talks to someone who withdrew it", () => {
    expect(new Set(company.customers.map((one) => one.consent)).size).toBe(3);
    const partners = company.conversations.filter((one) => one.memberId === "chenli");
    const consents = partners.map((one) => customerById.get(one.customerId ?? "")?.consent);
    expect(consents).toContain("Disagree");
  });
});

/** Who may speak in a conversation. */
function listSpeakers(conversation: Conversation): string[] {
  const room = roomById.get(conversation.roomId ?? "");
  if (room) return [...room.memberIds, ...room.customerIds];
  return [conversation.memberId, conversation.customerId ?? ""];
}

describe("conversations", () => {
  test("have 8 to 18 messages, all from people who are in them", () => {
    for (const conversation of company.conversations) {
      expect(conversation.messages.length).toBeGreaterThanOrEqual(8);
      expect(conversation.messages.length).toBeLessThanOrEqual(18);
      const speakers = listSpeakers(conversation);
      for (const message of conversation.messages) expect(speakers).toContain(message.fromId);
    }
  });

  test("join a customer only with a member who has this customer in the address book, once", () => {
    const singles = company.conversations.filter((one) => one.kind === "single");
    for (const { memberId, customerId } of singles) {
      const follows = customerById.get(customerId ?? "")?.follows ?? [];
      expect(follows.map((follow) => follow.memberId)).toContain(memberId);
    }
    const pairs = singles.map((one) => `${one.memberId} ${one.customerId ?? ""}`);
    expect(new Set(pairs).size).toBe(pairs.length);
  });

  test("没有两段对话相同，六成以上的消息不重样，没有空着的槽位", () => {
    const transcripts = company.conversations.map((one) =>
      normaliseTranscript(one.messages.map((message) => message.text)),
    );
    expect(new Set(transcripts).size).toBe(500);
    expect(new Set(allTexts).size / allTexts.length).toBeGreaterThan(0.6);
    expect(allTexts.filter((text) => /[{}|]|undefined|NaN/u.test(text))).toEqual([]);
  });

  test("are drawn for any seed", () => {
    for (let seed = 0; seed < 5; seed += 1) {
      expect(generateCompany(seed).conversations).toHaveLength(500);
    }
  });

  test("hold texts, links, files and name cards", () => {
    const kinds = new Set(
      company.conversations.flatMap((one) => one.messages.map((two) => two.kind)),
    );
    expect([...kinds].sort()).toEqual(["card", "file", "link", "text"]);
  });

  test("lie in the last four and a half days, two hours ago at the latest, with human gaps", () => {
    const ages = company.conversations.flatMap((one) =>
      one.messages.map((message) => message.agoMs),
    );
    expect(Math.max(...ages)).toBeLessThanOrEqual(oldestAgoMs);
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(newestAgoMs);
    expect(Math.max(...ages) - Math.min(...ages)).toBeGreaterThan(4 * 86_400_000);
    for (const { messages } of company.conversations) {
      for (const [index, message] of messages.entries()) {
        const before = messages[index - 1];
        if (before) expect(before.agoMs - message.agoMs).toBeGreaterThanOrEqual(1_000);
      }
    }
  });
});

const rules = compileRules(starterRules);

/** The starter rules that a conversation breaks. */
function listBrokenRules(conversation: Conversation): string[] {
  const findings = conversation.messages.flatMap((message) => {
    const speaker = memberById.has(message.fromId) ? "member" : "customer";
    return scan(rules, message.text, { speaker });
  });
  return findings.map((finding) => finding.ruleId);
}

describe("breaches", () => {
  test("22 类违规都有，每类至少两段，约占一成二", () => {
    const counts = new Map<string, number>();
    for (const { violation } of company.conversations) {
      if (violation) counts.set(violation, (counts.get(violation) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([...violationCategories].sort());
    expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(2);
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(60);
  });

  test("are written at least twice for every category, under a category's name", () => {
    for (const category of violationCategories) {
      const scenes = sceneBook.breaches.filter((scene) => scene.title === category);
      expect(scenes.length).toBeGreaterThanOrEqual(2);
    }
    const titles: readonly string[] = violationCategories;
    expect(sceneBook.breaches.filter((scene) => !titles.includes(scene.title))).toEqual([]);
  });

  test("are found by the starter rules under their own name, and nothing is found elsewhere", () => {
    for (const conversation of company.conversations) {
      const broken = listBrokenRules(conversation);
      if (conversation.violation) expect(broken).toContain(conversation.violation);
      else expect(broken).toEqual([]);
    }
  });
});

describe("the scene book", () => {
  test("holds at least 25 topics and 800 different lines", () => {
    expect(sceneBook.topics.length).toBeGreaterThanOrEqual(25);
    const lines = Object.values(sceneBook)
      .flat()
      .flatMap((scene) => scene.beats.flatMap((beat) => beat.variants.flat()))
      .flatMap((turn) => turn.alternatives);
    expect(new Set(lines).size).toBeGreaterThanOrEqual(800);
  });

  test("is refused where it does not follow its notation", () => {
    expect(() => parseScenes("c 没有标题")).toThrow("scene line 1");
    expect(() => parseScenes("# 标题 @any\n| 没有人说")).toThrow("scene line 2");
    expect(() => parseScenes("# 标题 @baking")).toThrow("fits no field");
    expect(() => parseScenes("# 标题 @any\nc 一\n| 二\nM 只有一个回答")).toThrow("not as many");
  });
});

describe("the working clock", () => {
  test("keeps the order and the window, and leaves the night nearly empty", () => {
    const nowMs = Date.UTC(2026, 7, 5, 7, 0);
    const timeOf = createWorkingClock(nowMs);
    expect(timeOf(oldestAgoMs)).toBe(nowMs - oldestAgoMs);
    expect(timeOf(newestAgoMs)).toBe(nowMs - newestAgoMs);
    const ages = company.conversations.flatMap((one) =>
      one.messages.map((message) => message.agoMs),
    );
    const times = ages.sort((a, b) => b - a).map(timeOf);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const isNight = (timeMs: number): boolean => new Date(timeMs + 8 * 3_600_000).getUTCHours() < 7;
    expect(times.filter(isNight).length / times.length).toBeLessThan(0.03);
  });
});

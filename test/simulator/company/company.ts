/**
 * The demo company of the WeCom twin: invented people who sell savings, insurance, software and devices, and what they
 * said to their customers in the last days. All of it is this project's own writing; a seed decides what is drawn.
 * The types are in model.ts.
 */
import type { Plan } from "./conversations.ts";
import { writeConversation } from "./conversations.ts";
import type { Person } from "./customers.ts";
import { createExternalId, createPeople } from "./customers.ts";
import type { Company, Member, Room } from "./model.ts";
import { violationCategories } from "./model.ts";
import {
  corpName,
  corpTags,
  createDepartments,
  createMembers,
  findField,
  listSalespeople,
} from "./organisation.ts";
import { createPlaywright } from "./playwright.ts";
import type { Random } from "./random.ts";
import { createRandom } from "./random.ts";
import { sceneBook } from "./scenes/scene-book.ts";
import type { Field, Scene } from "./script.ts";

export { companyWithDialogues, loadDialogues } from "./dialogues.ts";

const customerCount = 500;
const singleCount = 465;
const groupCount = 35;
const breachCount = 60;

/** Draws the whole company; the same seed gives the same company. */
export function generateCompany(seed: number): Company {
  const random = createRandom(seed);
  const members = createMembers();
  const people = createPeople(customerCount, listSalespeople(members), random.fork(1));
  const singles = planSingles(people, members);
  assignBreaches(singles, random.fork(2));
  const groups = planGroups(people, members, random.fork(3));
  const words = random.fork(4);
  const tools = { playwright: createPlaywright(words), random: words, written: new Set<string>() };
  return {
    corpName,
    departments: createDepartments(),
    members,
    customers: people.map((person) => person.customer),
    rooms: groups.flatMap((plan) => (plan.room ? [plan.room.room] : [])),
    corpTags: [...corpTags],
    conversations: [...singles, ...groups].map((plan) => writeConversation(plan, tools)),
  };
}

function planMember(
  member: Member,
  members: readonly Member[],
): Pick<Plan, "member" | "superior" | "field"> {
  const superior = members.find((one) => member.directLeaderIds.includes(one.id));
  const field = findField(member);
  if (!superior || !field) throw new Error(`${member.id} sells nothing or has no superior`);
  return { member, superior, field };
}

function planSingles(people: readonly Person[], members: readonly Member[]): Plan[] {
  return people.slice(0, singleCount).map((person) => {
    const ownerId = person.customer.follows[0]?.memberId;
    const owner = members.find((member) => member.id === ownerId);
    if (!owner) throw new Error(`nobody follows ${person.customer.id}`);
    return { ...planMember(owner, members), person };
  });
}

/** Gives each breach a conversation that it fits; the first two of every category come before any third. */
function assignBreaches(plans: readonly Plan[], random: Random): void {
  const byCategory = violationCategories.map((category) =>
    random.shuffle(sceneBook.breaches.filter((scene) => scene.title === category)),
  );
  const ordered = [0, 1, 2].flatMap((round) =>
    random.shuffle(byCategory).flatMap((scenes) => scenes.slice(round, round + 1)),
  );
  for (const breach of ordered.slice(0, breachCount)) {
    const fitting = plans.filter((plan) => !plan.breach && isFitting(breach, plan));
    random.pick(fitting).breach = breach;
  }
}

function isFitting(breach: Scene, plan: Plan): boolean {
  if (!breach.fields.includes(plan.field)) return false;
  // These words are written as a man's to a woman.
  return (
    breach.title !== "harass" || (plan.member.gender === 1 && plan.person.customer.gender === 2)
  );
}

const roomNames: Readonly<Record<Field, readonly string[]>> = {
  wealth: ["稳健理财交流群", "禾盛汇客户沙龙群", "老客户答疑群"],
  insurance: ["家庭保障服务群", "理赔服务群", "续保提醒群"],
  software: ["软件售后服务群", "项目实施群", "店长交流群"],
  hardware: ["设备售后服务群", "订货群", "门店设备交流群"],
};

function planGroups(people: readonly Person[], members: readonly Member[], random: Random): Plan[] {
  const salespeople = listSalespeople(members);
  return Array.from({ length: groupCount }, (_, index): Plan => {
    const own = random.fork(index);
    const owner = salespeople[index % salespeople.length]!;
    const planned = planMember(owner, members);
    const colleagues = salespeople.filter(
      (member) => member !== owner && findField(member) === planned.field,
    );
    const colleague = own.pick(colleagues);
    const invited = own
      .shuffle(people.filter((person) => isFollowedBy(person, [owner, colleague])))
      .slice(0, own.int(3, 9));
    const [person, ...others] = invited;
    if (!person) throw new Error(`${owner.id} has no customers to invite`);
    const name = `${own.pick(roomNames[planned.field])}${index + 1}`;
    return {
      ...planned,
      person,
      room: { room: openRoom(name, owner, { colleague, invited }, own), colleague, others },
    };
  });
}

function isFollowedBy(person: Person, owners: readonly Member[]): boolean {
  return person.customer.follows.some((follow) =>
    owners.some((owner) => owner.id === follow.memberId),
  );
}

function openRoom(
  name: string,
  owner: Member,
  guests: { colleague: Member; invited: readonly Person[] },
  random: Random,
): Room {
  return {
    id: createExternalId("wr", random),
    name,
    ownerId: owner.id,
    memberIds: [owner.id, guests.colleague.id],
    customerIds: guests.invited.map((person) => person.customer.id),
  };
}

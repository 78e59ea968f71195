import type { ArchiveConsent, Customer, Follow, Gender, Member } from "./model.ts";
import { findField } from "./organisation.ts";
import type { Random } from "./random.ts";
import type { Field } from "./script.ts";
import {
  cities,
  corpTrades,
  corpWords,
  femaleNames,
  femaleNicknames,
  maleNames,
  maleNicknames,
  surnames,
  trades,
} from "./vocabulary.ts";

/** A customer, and what only the writer of the conversations needs to know about this person. */
export interface Person {
  customer: Customer;
  /** How salespeople address the person: 王姐, 李总. */
  call: string;
  trade: string;
}

const dayMs = 86_400_000;
const idAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const addWays = [1, 1, 1, 2, 3, 3, 4, 6, 16, 202];

const notes: Readonly<Record<Field, readonly string[]>> = {
  wealth: ["偏稳健，怕波动", "有笔定期到期，问过三个月的", "资金下半年才宽裕", "已做风险测评"],
  insurance: ["给家人看医疗险", "关心免赔额", "已有单位团险", "健康告知要提醒仔细填"],
  software: ["之前用表格记账", "店里员工流动大，要好上手", "关心售后响应", "等老板拍板"],
  hardware: ["新店开业要配设备", "问过样机", "发票要专票", "老设备想换新"],
};

const interests: Readonly<Record<Field, string>> = {
  wealth: "理财",
  insurance: "保险",
  software: "企业软件",
  hardware: "智能设备",
};

/** `wm` or `wr` and 30 characters, as WeCom writes the ids of customers and of customer groups. */
export function createExternalId(prefix: "wm" | "wr", random: Random): string {
  return prefix + random.string(30, idAlphabet);
}

/** The customers, each in the address book of one salesperson and a few of two. */
export function createPeople(
  count: number,
  salespeople: readonly Member[],
  random: Random,
): Person[] {
  const taken = new Set<string>();
  // The first main character has more customers than the others, so that there is something to search in.
  const rota = [...salespeople, ...salespeople.filter((member) => member.id === "chenli")];
  return Array.from({ length: count }, (_, index) => {
    const own = random.fork(index);
    const gender: Gender = own.chance(0.52) ? 2 : 1;
    const surname = own.pick(surnames);
    const trade = own.pick(trades);
    const call =
      surname + own.pick(gender === 2 ? ["姐", "姐", "女士", "总"] : ["哥", "总", "总", "先生"]);
    const owners = [rota[index % rota.length]!];
    if (own.chance(0.08)) owners.push(own.pick(salespeople.filter((one) => one !== owners[0])));
    const follows = owners.map((owner) => createFollow(owner, { call, trade }, own));
    const identity = createIdentity({ surname, gender, taken }, own);
    const consent = drawConsent(index, own);
    const customer: Customer = {
      id: createExternalId("wm", own),
      ...identity,
      gender,
      follows,
      consent,
    };
    return { customer, call, trade };
  });
}

/** One in 25 has withdrawn the consent, later than the history that the company still holds. */
function drawConsent(index: number, random: Random): ArchiveConsent {
  if (index % 25 === 6) return "Disagree";
  return random.chance(0.22) ? "Default_Agree" : "Agree";
}

function createIdentity(
  known: { surname: string; gender: Gender; taken: Set<string> },
  random: Random,
): Pick<Customer, "name" | "type" | "corpName"> {
  const given = random.pick(known.gender === 2 ? femaleNames : maleNames);
  const realName = known.surname + given;
  const isWeComUser = random.chance(0.18);
  const wanted =
    isWeComUser || random.chance(0.3)
      ? realName
      : random
          .pick(known.gender === 2 ? femaleNicknames : maleNicknames)
          .replace("*", given.slice(-1))
          .replace("#", known.surname);
  // Two people may well have one nickname, but a demo reads better when every name means one person.
  const name =
    [wanted, ...random.shuffle(suffixes).map((suffix) => realName + suffix)].find(
      (one) => !known.taken.has(one),
    ) ?? realName;
  known.taken.add(name);
  if (!isWeComUser) return { name, type: 1 };
  const corpName = `${random.pick(cities)}${random.pick(corpWords)}${random.pick(corpTrades)}有限公司`;
  return { name: realName, type: 2, corpName };
}

const suffixes = ["", "呀", "·", "_", "🌿", "✨", "~", "🙂", "（商务）", "本人"];

function createFollow(
  owner: Member,
  about: { call: string; trade: string },
  random: Random,
): Follow {
  const field = findField(owner) ?? "wealth";
  const { call, trade } = about;
  return {
    memberId: owner.id,
    remark: random.pick([`${call}-${trade}`, `${call} ${trade}`, call, `${call}（${trade}）`]),
    description: random.chance(0.7) ? `开${trade}，${random.pick(notes[field])}` : "",
    tags: [
      random.pick(["A类重点", "B类跟进", "B类跟进", "C类普通"]),
      random.pick(["初次接触", "需求沟通", "方案报价", "已成交", "复购"]),
      interests[field],
      ...(random.chance(0.5)
        ? [random.pick(["老客户转介绍", "线下活动", "官网留言", "门店扫码"])]
        : []),
    ],
    addWay: random.pick(addWays),
    createdAgoMs: random.int(6 * dayMs, 700 * dayMs),
    mobiles: random.chance(0.45) ? [`1380013${String(random.int(1000, 9999))}`] : [],
  };
}

import type { Random } from "./random.ts";
import type { Field } from "./script.ts";
import { areas, cities, foods, friends, roads, surnames, trades } from "./vocabulary.ts";

/** The values of a conversation's slots: drawn once, so that a price or a day stays the same all through it. */
export type Facts = Readonly<Record<string, string>>;

interface Offer {
  prod: string;
  [slot: string]: string;
}

const wealthOffers: readonly Offer[] = [
  { prod: "稳享90天", term: "三个月", risk: "R2", bench: "2.35%-2.85%", min: "1万" },
  { prod: "稳享180天", term: "半年", risk: "R2", bench: "2.5%-3.1%", min: "1万" },
  { prod: "添利一年持有", term: "一年", risk: "R2", bench: "2.8%-3.5%", min: "5000" },
  { prod: "季季增利", term: "三个月", risk: "R2", bench: "2.4%-3%", min: "1千" },
  { prod: "安泰双季", term: "半年", risk: "R2", bench: "2.55%-3.2%", min: "1万" },
  { prod: "固收优选14月", term: "一年多", risk: "R2", bench: "2.9%-3.6%", min: "1万" },
];

const softwareOffers: readonly Offer[] = [
  { prod: "云进销存", func: "扫码入库", func2: "多仓调拨", feature: "扫码入库" },
  { prod: "云财务", func: "自动对账", func2: "多账套合并", feature: "自动对账" },
  { prod: "客户管家", func: "自动提醒跟进", func2: "短信群发", feature: "跟进提醒" },
  { prod: "云考勤", func: "拍照打卡", func2: "自动排班", feature: "手机打卡" },
  { prod: "会员通", func: "积分兑换", func2: "储值卡", feature: "会员积分" },
  { prod: "小店商城", func: "扫码点单", func2: "拼团活动", feature: "扫码点单" },
];

const hardwareOffers: readonly Offer[] = [
  { prod: "收银一体机", feature: "离线收银", acc: "钱箱", unit: "台", base: "2380" },
  { prod: "双屏收银机", feature: "聚合支付", acc: "扫码盒", unit: "台", base: "3260" },
  { prod: "自助点餐屏", feature: "会员识别", acc: "小票机", unit: "台", base: "4980" },
  { prod: "门店考勤机", feature: "刷脸打卡", acc: "壁挂支架", unit: "台", base: "860" },
  { prod: "条码电子秤", feature: "自动识别商品", acc: "标签纸", unit: "台", base: "1580" },
];

const insuranceKinds: readonly {
  who: string;
  whom: string;
  pat: string;
  ages: [number, number];
}[] = [
  { who: "孩子", whom: "宝宝", pat: "孩子", ages: [2, 14] },
  { who: "我妈", whom: "阿姨", pat: "我妈", ages: [54, 64] },
  { who: "我爸", whom: "叔叔", pat: "我爸", ages: [55, 65] },
  { who: "自己", whom: "您本人", pat: "我", ages: [27, 45] },
  { who: "我爱人", whom: "您爱人", pat: "我爱人", ages: [28, 46] },
];

/** Draws the slots for one conversation about what `field` sells. */
export function drawFacts(field: Field, random: Random): Facts {
  const specific = { wealth, insurance, software, hardware };
  return { ...common(random), ...specific[field](random) };
}

function common(random: Random): Facts {
  const { int, pick } = random;
  const [trade = "", trade2 = ""] = random.shuffle(trades);
  const [road = "", road2 = ""] = random.shuffle(roads);
  const n = int(2, 6);
  const friend = pick(friends);
  const clock = pick(["上午", "下午"]) === "上午" ? morning(random) : afternoon(random);
  return {
    trade,
    trade2,
    road: `${road}${int(8, 460)}号`,
    road2: `${road2}${int(8, 460)}号`,
    area: pick(areas),
    city: pick(cities),
    friend,
    /** The same friend when the member speaks: 我表姐 is 您表姐 then. */
    yourFriend: friend.replace(/^我/u, "您"),
    food: pick(foods),
    weather: pick(["降温", "一直下雨", "刮大风", "闷得很", "热得不行", "下大雾"]),
    kid: pick(["儿子", "闺女", "老大", "老二", "小家伙", "外甥"]),
    surname2: pick(surnames),
    day: pick(["明天", "后天", "周三", "周四", "周五"]),
    day2: pick(["下周一", "下周二", "下周三", "下周四", "下周五", "下周末"]),
    time: clock,
    month: pick(["月底", "下个月", "下月中旬", "这个季度末"]),
    n: String(n),
    n2: String(int(8, 12)),
    n3: String(int(1, n - 1)),
    days: String(int(2, 7)),
    mins: String(pick([5, 10, 15, 20, 25, 30, 40])),
    mins2: String(pick([45, 60, 90])),
    no: String(int(1000, 9999)),
    pct: String(int(8, 15)),
    pct2: String(int(3, 9)),
    err: String(int(2, 9)),
    express: pick(["顺丰", "德邦", "京东快递", "中通", "跨越"]),
    worktime: pick(["9点到18点半", "早9晚6半", "9:00-18:30"]),
    extra: String(int(12, 68) * 10),
    price2: String(int(8, 38) * 100 + 80),
    gift: pick(["三个月延保", "半年上门服务", "一次免费巡检", "一套操作培训", "一年电话支持"]),
    event: pick(["客户沙龙", "开放日", "老板下午茶课", "线下分享会", "答谢会"]),
    payday: String(int(5, 26)),
    old: pick(["手写本", "Excel表", "单机版软件", "微信群接龙", "老会计的账本"]),
    errcode: pick(["502", "网络异常", "授权已过期", "登录超时", "E1043"]),
    expire: String(int(9, 45)),
    score: pick(["9", "10", "8", "满"]),
  };
}

const morning = ({ pick }: Random): string =>
  pick(["上午9点半", "上午10点", "早上10点", "上午10点半", "11点"]);
const afternoon = ({ pick }: Random): string =>
  pick(["下午两点", "下午2点半", "下午三点", "15:30", "下午四点", "下午4点半"]);

function wealth(random: Random): Facts {
  const amount = random.pick([8, 10, 12, 15, 18, 20, 25, 30, 35, 50, 60, 80]);
  return {
    ...random.pick(wealthOffers),
    thing: "理财",
    thing2: "保险",
    topic: random.pick(["资产配置", "养老储备", "看懂净值", "教育金规划"]),
    amount: `${amount}万`,
    amount2: `${Math.ceil(amount / random.int(2, 3))}万`,
    monthly: String(random.int(5, 30) * 100),
  };
}

function insurance(random: Random): Facts {
  const insured = random.pick(insuranceKinds);
  const age = random.int(...insured.ages);
  const staff = random.int(12, 48);
  const perHead = random.int(11, 32) * 10;
  return {
    prod:
      insured.who === "孩子"
        ? "少儿安心保"
        : random.pick(["安心百万医疗", "乐康医疗险", "家和重疾险"]),
    thing: "保险",
    thing2: "理财",
    topic: random.pick([
      "医保和商保怎么配",
      "理赔怎么少走弯路",
      "家庭保单怎么看",
      "健康告知怎么填",
    ]),
    who: insured.who,
    whom: insured.whom,
    pat: insured.pat,
    age: String(age),
    prem: String(280 + age * random.int(18, 46)),
    cover: random.pick(["30万", "50万", "100万", "200万"]),
    wait: random.pick(["30", "90"]),
    budget: random.pick(["两千", "三千", "5000", "四五千", "一万"]),
    claim: String(random.int(620, 9800)),
    staff: String(staff),
    perhead: String(perHead),
    groupTotal: String(staff * perHead),
  };
}

function software(random: Random): Facts {
  const seats = random.int(3, 26);
  const price = random.int(18, 62) * 10 + 8;
  return {
    ...random.pick(softwareOffers),
    thing: "软件",
    thing2: random.pick(["设备", "收银机"]),
    topic: random.pick(["门店数字化", "库存盘点", "会员复购", "对账提速"]),
    seats: String(seats),
    seats2: String(seats + random.int(2, 9)),
    unit: "个账号",
    size3: String(random.int(20, 48) * 10),
    ship: "开通账号",
    ...prices(price, seats, random),
  };
}

function hardware(random: Random): Facts {
  const { base, ...offer } = random.pick(hardwareOffers);
  const price = Number(base) + random.int(-6, 9) * 10;
  return {
    ...offer,
    thing: "设备",
    thing2: random.pick(["软件", "会员系统"]),
    topic: random.pick(["收银提速", "少排队", "门店盘点", "设备保养"]),
    func: "批量改价",
    stock: String(random.int(14, 80)),
    size: random.pick(["10.1", "13.3", "15.6"]),
    size2: random.pick(["58", "80"]),
    ship: "发货",
    ...prices(price, random.int(2, 18), random),
  };
}

/** A sum and what haggling makes of it, in yuan. */
function prices(price: number, quantity: number, random: Random): Facts {
  const total = price * quantity;
  const offer = Math.round((total * random.int(91, 95)) / 1000) * 10;
  return {
    price: String(price),
    qty: String(quantity),
    total: String(total),
    offer: String(offer),
    bid: String(Math.round((total * random.int(80, 87)) / 1000) * 10),
    cut: String(total - offer),
    taxRate: random.pick(["6", "13"]),
  };
}

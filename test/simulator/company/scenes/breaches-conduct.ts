import { parseScenes } from "../script.ts";

/** Breaches in how people deal with each other, with money and with data. Same form as breaches-sales.ts. */
export const conductBreaches = parseScenes(`
# deal.private @software,hardware
c 走公司要开票，贵出来{cut}，有别的办法吗
m 那这样，不走公司，我私人给你做，钱转我微信，差价退你
c 能行吗，坏了找谁

# deal.private @hardware
c 现在付吗
m 您直接转我，我的个人收款码发您，不开票便宜点，当天就发货
c 付给你个人啊

# deal.private @software
m {call}，这个小程序我可以接私活给您做，{price2}，不用签合同，打我卡上就行
c 靠谱不，公司知道不
| 这价倒是便宜

# contact.off @any
m {call}，加我私人微信聊吧，这边说话不方便，公司都看得到
c 哦，号发我
| 咋了，有啥不能说的

# contact.off @wealth
c 还有更高的吗
m 有是有，工作微信不方便说，您加我小号，到别的软件聊
c 搞这么神秘

# contact.off @any
m 这个号快不用了，扫我的码加一下，以后用私人号联系
c 加上了
| 那这个还留着不

# bribe @software,hardware
c 我们采购那边还得你自己搞定
m 懂的，您帮忙说句话，回扣{pct}个点，购物卡给你也行
c 这话可别在这说

# bribe @hardware
c 比选{day2}就定了
m 麻烦您透露标底，再找两家陪标走个过场，好处费少不了您的
c 你胆子真大，这事我不掺和

# bribe @software
c 张主任那边卡着不签
m 那打点一下呗，我准备了加油卡，再给点辛苦费，您帮忙递过去
c 他好像不吃这套

# data.leak @wealth
c 你们有没有做{trade}的老板，我想推推我的货
m 有，我导出客户给您一份，精准名单，几百个，别外传就行
c 够意思

# data.leak @software
c 我们想看看别家用得咋样
m 给您看{trade2}那家的后台截图，内部价格表也发您，您心里有个底
c 这合适吗

# data.leak @insurance
m {call}，办这个快，您把身份证正反面和银行卡号拍给我，短信验证码来了也念给我，我替您操作
c 都发你？有点不放心
| 好，等下

# leave.poach @any
m 跟您说个事，我快离职了，去新公司做一样的，您这边的单我带过去，新公司价格更低
c 啊，什么时候走
| 行，那你安顿好告诉我

# leave.poach @any
c 你们公司最近是不是换人挺多
m 是，我也准备离职了，打算自己单干，以后找我个人，老客户我都带客户走
c 那我合同怎么办

# leave.poach @software,hardware
m {call}店里那个小伙子不错，想挖你过来的话就一句话的事，我这边工资翻倍，还能一起创业
c 别别，我店还要开呢

# abuse @software,hardware
c 问了三遍了，你到底会不会
m 你听不懂人话是吧，说了多少遍了，爱买不买
c 你什么态度

# abuse @any
c 再便宜{n}块我就要了
m 就差这几块？穷鬼，买不起就别问，懒得理你
c ？？截图了

# abuse @any
c 昨天就说给我回电话
m 你有病吧，大半夜催什么催，少啰嗦，随便你投诉
c 行，你等着

# tax.invoice @hardware
c 发票能不能多开点
m 可以的，票点多少我帮您问，要代开发票也行，开成别的品名都能弄
c 我再问问会计

# tax.invoice @software
c 老板想少交点税
m 那弄两套合同，一部分现金不入账，剩下的走私户避税，好多客户都这样
c 这个…我不敢定

# tax.invoice @software,hardware
c 我这边缺点进项票，你们能不能帮忙虚开发票，我给点钱
m 这个真不行{call}，我们只能按实际业务开
c 帮帮忙，别人都能买发票

# fraud @wealth
c 理财收益太低了
m 要不我拉您进个群，导师带单，带你炒币，用USDT入金，一周就回本
c 听着悬

# fraud @any
c 有没有啥兼职介绍
m 有个刷单兼职，日结工资，先充值返利，垫{price2}返得更多
c 我小姨就被这个骗过

# fraud @wealth
m {call}，您账户异常，要把钱转到安全账户，您下载会议软件开屏幕共享，我教您弄
c 你是{mename}本人吗？

# goods.restricted @any
m {call}抽烟不，我有香烟代购的路子，还有电子烟，比店里便宜
c 我戒了
| 什么牌子

# goods.restricted @hardware
c 原装的太贵了
m 那给您弄高仿的，一比一，外壳带标，水货渠道来的，看不出来
c 会不会查

# goods.restricted @insurance
c 我妈那个药老是断货
m 我能代购药品，处方药不用处方，走私货但是没问题的
c 不了不了

# payment.redpacket @any
m {call}，这单辛苦您了，给你包个红包，一点心意，收一下红包
c 使不得使不得
| 这不合适吧

# payment.redpacket @software,hardware
c 帮你盯着审批呢
m 太感谢了，{day}请你吃饭，再转你两百当油费报销
c 不用不用，公事公办

# payment.redpacket @any
c 孩子满月，{day2}摆酒
m 恭喜恭喜，礼金我微信发个红包，别嫌少
c 心领了，人来就行

# harass @any
c 哈哈你还挺会聊
m 说真的，你真漂亮，有对象吗，晚上出来喝一杯？
c 你注意点

# harass @any
m 今天没看到你发朋友圈，发张照片看看呗，穿什么了
c ？
| 你是不是发错人了

# harass @any
c 没别的事我下线了
m 别走啊，我喜欢你，单独见面聊聊行不，别告诉公司
c 再这样我删了
`);

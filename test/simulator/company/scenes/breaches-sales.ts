import { parseScenes } from "../script.ts";

/**
 * Breaches in what is promised to a customer. The title is the category (model.ts); each scene is one exchange that
 * the generator puts into an otherwise ordinary conversation, word for word.
 */
export const salesBreaches = parseScenes(`
# ad.superlative @software,hardware
c 你们跟同行比到底咋样
m 这么说吧{call}，我们{prod}全网第一，同类里最先进的，您闭眼入
c 口气不小

# ad.superlative @hardware
c 这个价真是实在价？
m 全国首家做到这个配置，价格也是史上最低，独一无二
c 哈哈行，我看看

# ad.superlative @software
m {call}，{prod}上个月销量第一，行业里遥遥领先，绝对是王牌产品
c 真有这么厉害？

# fin.guarantee @wealth
c 我就怕亏，{amount}是养老的钱
m 您放心{call}，{prod}保本保息，跟定期一个意思，稳赚不赔
c 那我跟老伴说说

# fin.guarantee @wealth
c 这款到底有没有风险
m 零风险的，真要亏了公司兜底，您当存款一样放着就行
c 你这么说我就踏实了

# fin.guarantee @wealth
c 就剩两天了？
m 对，这是内部份额，收益翻倍不敢说，百分之八是承诺收益，跟着买就行
c 那先给我留{amount2}

# ins.mislead @insurance
c 我前年住过院，这个要写上去吗
m 别说有病史就行，问卷全点“否”，两年后都能赔
c 这样没事吧

# ins.mislead @insurance
c 跟放银行比呢
m 您就当存钱，利息比银行高，还送保障，{day}是最后一天停售，错过就没了
c 这么急啊

# ins.mislead @insurance
c 人在{city}回不去，签不了字
m 没关系，我帮你代签，风险提示那句我也替您抄了，保费返给你{pct}个点
c 哦，那省事了

# med.efficacy @any
c 我爸血糖一直下不来，愁人
m 我这边有款调理茶，能降三高，{n}个疗程根治，无副作用，好多客户在喝
c 真的假的，发我看看

# med.efficacy @insurance
c 血压高买不了就算了
m 先别急，我代理的这个胶囊立竿见影，可以当替代药物，把指标降下来再投保
c 药可不敢乱停

# med.efficacy @any
c 最近老失眠
m 我妈喝祖传秘方喝好的，三天见效，无效退款，给您带两盒？
c 改天吧

# edu.guarantee @wealth
c {kid}想考个基金从业，你有门路吗
m 有合作机构，签约保过，不过退全款，还有内部题库，{price2}一位
c 这么神

# edu.guarantee @software
c 店里会计想考个证
m 我认识的培训班包拿证，命题专家带的，押题必中，报名找我
c 我问问她

# edu.guarantee @any
c {kid}上学的事愁死了
m 我有同学在学校，有内部名额，保录取，费用{day}见面谈
c 靠谱吗

# realty.promise @any
c 手里这点钱不知道买房还是放着
m 我们合作的{area}那个盘稳升值，零首付，包下贷款，还保证学区
c 零首付？没听说过

# realty.promise @wealth
c 房租也就那样
m 这边公寓不一样，售后包租，投资回报率年化{pct}个点，返本销售
c 资料发我瞅瞅

# realty.promise @any
c {kid}以后上学你有啥建议
m {road2}那个盘有内部房源，特批价，买了承诺入学，给中介点茶水费就行
c 我想想

# promo.false @hardware
c 能再便宜点不
m 今天跳楼价亏本清仓，仅此一天，再不抢就没了，明天随时涨价
c 每次都这么说

# promo.false @software
m {call}帮个忙，后台给我们刷好评，好评返现{n}0块，截图发我就行
c 还能这样
| 行吧，我让店员弄

# promo.false @any
m 您朋友圈点赞送手机这个活动转一下，免费领取，零元购，名额不限
c 要不要填啥资料

# promise.extra @software,hardware
c 合同里没写能不能退
m 合同不用写，随时可退，无条件退款，出问题我负责
c 你能做主？

# promise.extra @software
c {func2}合同里没有啊
m 没事，口头约定就行，上线后终身免费给您加上，我保证
c 那我可记住了

# promise.extra @insurance
c 材料那么多，看不过来
m 不用看合同，签字就行，肯定能办，我个人负责
c 好吧

# loan.illegal @any
c 最近进货压了钱，周转不开
m 我认识做贷款的，不看征信，黑户可贷，秒批无抵押，前期费用{price2}就行
c 利息高不高

# loan.illegal @hardware
c 信用卡还有额度，就是取不出来
m 简单，机器装好我教您信用卡套现，刷卡套现手续费千分之{n}
c 这不违法吗

# loan.illegal @wealth
c 我征信有点花，贷款批不下来
m 征信花也能做，找人包装流水，再做个征信修复，百分百下款
c 我再想想

# disparage @software,hardware
c 另一家便宜{cut}，在考虑
m 千万别买他家，都是贴牌，用的劣质料，坏了售后没人管
c 这样啊

# disparage @wealth
c 我在另一家也买了点
m 您赶紧拿出来，听说他们快爆雷了，老板要跑路，被处罚过好几次
c 啊？你听谁说的

# disparage @insurance
c 隔壁公司那个也给我报了价
m 他们家是骗子公司，专坑人，全是差评，理赔从来不给
c 说得这么绝

# complaint @software
c 又登不上了，这个月第{n}次，我要投诉，退钱！
m {call}对不起，我马上升级给{lead}，{mins}分钟内给您电话
c 今天没说法我就打12315

# complaint @wealth
c 当初说得好好的，现在亏了{n}万，你们这是虚假宣传
c 我已经准备好材料了，金融监管局见
m {call}您先消消气，我请{lead}和合规的同事一起跟您沟通

# complaint @insurance
c 拖了{n}个星期不赔，骗子！黑猫投诉我已经写了，不赔就法院见
m 非常抱歉，我现在就去理赔部问，{time}前给您书面回复

# complaint @hardware
c 新机器两天就坏，你们这是欺诈，要求退款，退一赔三
m {call}实在对不住，换机还是退款按您的来，我{mins}分钟内请示{lead}回复您
`);

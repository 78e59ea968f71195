/** Word lists out of which people, shops and small facts of the demo company are drawn. All invented. */

export const surnames = Array.from(
  "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文",
);

export const maleNames =
  "建国 志强 海涛 俊杰 文斌 国栋 晓东 立新 永刚 振华 伟明 浩然 子轩 宇航 家豪 铭 磊 涛 鹏 凯 斌 勇 亮 波 鑫 晨 宏伟 卫东 世杰 少华 庆生 学文 长林 明远 松涛 一鸣 泽宇 正阳 启航 德胜".split(
    " ",
  );

export const femaleNames =
  "丽华 秀英 春梅 晓梅 雪芬 玉兰 美玲 佳怡 雅婷 欣然 雨桐 静怡 思琪 梦洁 敏 静 娟 艳 霞 燕 玲 倩 颖 琳 蓉 慧 彩云 红霞 海燕 桂芳 淑贞 婉清 若兰 诗雨 可欣 晓彤 文静 秋月 巧云 佩珊".split(
    " ",
  );

/** Nicknames as people choose them on WeChat; `*` is the end of a given name, `#` a surname. */
const nicknames =
  "平安喜乐 一叶知秋 向阳而生 云淡风轻 静水流深 大海 小橙子 老# #小厨 阿* *🌸 *🍀 A00*建材 A*@装修 *家的店 追风的人 慢慢来 知足常乐 岁月静好 山里人家 Lisa* *.L 小鱼儿 多多 半糖主义 清风徐来 上善若水 麦田 橘子汽水 早睡早起 努力搬砖中 晴天 *在路上 浅笑 蓝天白云 奔跑的蜗牛 *🐟 木木 七月 小太阳 柠檬不酸 老街口 风里有诗 *☕ *日记 一杯清茶 厚德载物 随缘 *（忙） 天道酬勤 *爱吃鱼 旺旺 六六 花开半夏".split(
    " ",
  );

export const femaleNicknames = [
  ...nicknames,
  ..."糖糖妈妈 *妈 豆豆妈 #姐 南方姑娘 *姐姐 果果妈 爱笑的* 小*呀 一束玫瑰".split(" "),
];

export const maleNicknames = [
  ...nicknames,
  ..."果果爸 *爸 阿#哥 #师傅 北方的狼 *哥 老船长 钓鱼的# 铁匠 #老板".split(" "),
];

export const trades =
  "奶茶店 建材店 口腔门诊 服装店 五金店 烘焙店 火锅店 便利店 水果店 美容院 幼儿园 民宿 健身房 花店 宠物店 汽修厂 图文店 母婴店 面馆 培训班 装修公司 茶叶店 超市 农家乐 眼镜店 咖啡馆 家具厂 洗衣店 烧烤店 海鲜档口".split(
    " ",
  );

export const corpWords =
  "锦禾 嘉拓 云朴 恒木 沐野 启丰 向榆 澄一 百川里 拾光 禾木 远岫 青垣 同泽 万象谷 立野 之衡 白鹭 南舟 望春".split(
    " ",
  );

export const corpTrades =
  "建材 餐饮管理 医疗器械 服饰 供应链 文化传媒 物流 教育咨询 装饰工程 电子 食品 物业服务".split(
    " ",
  );

export const cities =
  "苏州 宁波 合肥 南昌 长沙 武汉 青岛 厦门 佛山 昆明 西安 成都 无锡 温州 泉州 洛阳".split(" ");

export const areas =
  "城西 滨江 老城厢 东湖 高新区 开发区 南站 北门 河东 大学城 会展中心 万福路".split(" ");

export const roads = "文晖路 建业路 学院路 金桥路 人民路 春申街 望江路 青年路 长河街 云台路".split(
  " ",
);

export const foods =
  "牛肉面 螺蛳粉 饺子 烤鱼 酸菜鱼 麻辣烫 小笼包 炸酱面 猪脚饭 煲仔饭 羊肉泡馍 黄焖鸡 凉皮 馄饨 肠粉 炒米粉".split(
    " ",
  );

export const friends =
  "老周 我表姐 楼下老板 我同学 隔壁店 我发小 老刘 我小舅子 我堂哥 健身房的朋友 我邻居 我闺蜜 一个老客户 我合伙人".split(
    " ",
  );

/** Every sentence of the page 审计. */
export const text = {
  title: "审计",
  intro:
    "谁在什么时候、因为什么、对什么做了什么。记录写入后不能修改或删除，每五分钟签名一次。这里没有任何聊天内容。",
  export: "导出 CSV",
  ledger: {
    title: "留痕校验",
    size: (count: number): string => `${count.toLocaleString("zh-CN")} 条记录`,
    none: "还没有签名，有记录后五分钟内会签。",
    signed: (when: string): string => `${when}签名`,
    published: (when: string): string => `${when}发给了管理员`,
    notPublished: "还没有发给管理员，每天 9 点发送",
    root: "校验值",
    check: "立即检查全部记录",
    checking: "正在检查",
    never: "还没有检查过，每周日凌晨自动检查。",
    fine: (when: string): string => `${when}检查全部记录，都对得上。`,
    broken: (when: string, count: number): string =>
      `${when}检查全部记录，${count} 处对不上，可能被改动过。请保留数据库现状，停止维护操作，通知安全负责人。`,
  },
  filter: {
    who: "人员姓名或账号",
    object: "全部对象",
    objectId: "对象编号",
    days: ["开始日期", "结束日期"],
    clear: "清除筛选",
  },
  list: {
    title: "操作记录",
    hint: "从新到旧",
    empty: "没有符合条件的记录。",
    when: "时间",
    who: "人员",
    act: "事项",
    object: "对象",
    why: "理由与明细",
    more: "查看更早的",
  },
};

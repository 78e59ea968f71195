/** Every sentence of the page 权限复核. */
export const text = {
  title: "权限复核",
  intro:
    "每季度把所有已授予的权限逐项交给成员的主管确认：还需要就保留，不需要就收回。没有主管的由安全管理员复核，谁都不能复核自己。14 天没有人复核的自动暂停。",

  mine: {
    title: "等我复核",
    due: (when: string): string => `请在${when}前完成`,
    empty: "没有等你复核的权限",
    emptyDetail: "下一次复核开始时，会有卡片提醒你。",
    scope: (where: string): string => `范围：${where}`,
    company: "全公司",
    since: (when: string): string => `${when}授予`,
    moved: (when: string): string => `${when}换了部门，请确认新岗位是否还需要`,
    suspended: "到期没有复核，已暂停。现在保留会立即恢复。",
    keep: "保留",
    end: "收回",
    giveBack: "恢复",
  },

  dialog: {
    title: { kept: "保留这项权限", ended: "收回这项权限" },
    hint: {
      kept: "保留后，权限照常使用，你的决定会记入留痕。",
      ended: "收回后立即失效，本人已打开的页面会退出，并会收到通知。",
    },
    reason: "理由",
    reasonOptional: "理由（可以不写）",
    placeholder: { kept: "例如：还负责一组的合规检查", ended: "例如：已经换了岗位" },
    cancel: "取消",
    done: { kept: "已保留", ended: "已收回" },
  },

  all: {
    title: "复核进度",
    start: "发起复核",
    startAsk: "所有已授予的权限会交给各自的主管，并发卡片提醒。14 天没有人复核的自动暂停。",
    started: "已发起，正在通知复核人",
    empty: "还没有做过权限复核",
    emptyDetail: "每季度第一天自动开始，也可以现在发起。",
    kind: { quarterly: "季度复核", asked: "临时复核" },
    by: (who: string | null, when: string): string =>
      who === null ? `${when}自动开始` : `${who} 于${when}发起`,
    open: (when: string): string => `进行中，${when}截止`,
    closed: (when: string): string => `${when}结束`,
    answered: (done: number, total: number): string => `已答复 ${done} / ${total}`,
    report: "下载报告",
    show: "看明细",
    hide: "收起",
    who: "成员",
    right: "角色和范围",
    reviewer: "复核人",
    state: "结果",
    reason: "理由",
    nobody: "没有人能复核，请先在通讯录设置主管",
  },
} as const;

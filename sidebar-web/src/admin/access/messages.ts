import type { GrantableRole } from "#shared/contract/access";

const does: Record<GrantableRole, string> = {
  compliance: "查看所辖部门的聊天和告警、编写规则",
  auditor: "查看所有操作记录；看不到聊天内容，也不能改任何东西",
  system_admin: "运行系统、保存期限、提出权限申请；看不到聊天内容",
  security_admin: "审批权限、发布规则；看不到聊天内容",
  data_protection_officer: "审批导出和销毁、保存期限",
  legal: "留存与解除、申请和审批证据",
};

/** Every sentence of the page 权限. */
export const text = {
  title: "权限",
  intro:
    "谁能做什么，都在这里。主管按企业微信通讯录自动确定；其他角色由系统管理员申请、安全管理员审批，本人不能审批自己。离职的人权限自动收回。",
  does,

  conflicts: {
    title: "权限没有分开",
    accepted: "已接受的风险",
    line: (who: string, roles: string, what: string): string => `${who}（${roles}）：${what}`,
  },

  list: {
    title: "已授予的角色",
    hint: (leads: number): string => `另有 ${leads} 位主管，按企业微信通讯录自动确定。`,
    empty: "还没有授予任何角色",
    who: "成员",
    role: "角色",
    scope: "范围",
    since: "授予",
    company: "全公司",
    founder: "来自系统设置，任命后自动失效",
    by: (who: string, when: string): string => `${who} 同意于${when}`,
    risk: "已接受的风险",
    moved: (when: string): string => `${when}换了部门，请确认是否还需要`,
    keep: "仍需要",
    kept: "已确认",
    revoke: "收回",
  },

  findings: {
    title: "需要看一看的权限",
    hint: "长期未用、过大或不该在一个人手里的权限，每天都在变，以打开时为准。",
    tooShort: (since: string | null, days: number): string =>
      since === null
        ? "还没有使用记录，暂时看不出哪些权限没有用过。"
        : `使用记录从${since}开始，满 ${days} 天后才列出长期未用的权限。`,
    empty: "没有需要处理的权限",
    period: "统计多少天",
    days: (days: number): string => `近 ${days} 天`,
    file: "下载表格",
    kind: "类别",
    what: "情况和怎么办",
    state: "状态",
    revoke: (role: string): string => `申请收回${role}`,
  },

  form: {
    open: "申请权限",
    title: "申请权限",
    member: "给谁",
    memberPlaceholder: "输入姓名查找",
    noneFound: "没有找到，换个名字试试",
    role: "角色",
    rolePlaceholder: "选择角色",
    scope: "范围",
    departments: "选择部门（含下级）",
    wholeCompany: "全公司",
    reason: "理由",
    reasonPlaceholder: "例如：接替王磊负责一组的合规检查",
    acceptRisk: "人手不够，接受角色没有分开的风险（会记入留痕，并一直显示在这里）",
    send: "提交审批",
    cancel: "取消",
    sent: "已提交，等安全管理员审批",
  },

  revoke: {
    title: "收回权限",
    warning: (who: string, role: string): string =>
      `同意后，${who}的${role}权限立即失效，已打开的页面会退出。`,
    reason: "理由",
    reasonPlaceholder: "例如：换了岗位",
  },
} as const;

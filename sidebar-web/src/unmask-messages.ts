/** Every sentence on seeing what is starred. */
export const text = {
  show: (label: string): string => `查看 ${label}`,
  why: "需要重新登录确认身份。这次查看会留痕，并通知当事员工的主管，当事员工也能看到。只显示 1 分钟。",
  reason: "查看原因",
  placeholder: "例如：仲裁材料需要完整号码",
  submit: "显示",
  busy: "正在打开…",
  cancel: "取消",
  shown: (value: string): string => `完整内容：${value}`,
  hide: "隐藏",
} as const;

/** What each permission is called; one without a name is shown by its id. */
const names: Readonly<Record<string, string>> = {
  "own.use": "使用侧边栏",
  "case.read": "查看告警",
  "case.decide": "处理告警",
  "conversation.read": "查看聊天",
  "rule.read": "查看规则",
  "rule.write": "编写规则",
  "rule.publish": "审批发布规则",
  "archive.operate": "运行存档",
  "health.read": "查看运行状态",
  "job.retry": "重试任务",
  "retention.read": "查看保存期限",
  "retention.change": "修改保存期限",
  "hold.change": "设置和解除留存",
  "audit.read": "查看审计",
  "access.read": "查看权限",
  "access.request": "申请权限",
  "access.approve": "审批权限",
  "key.read": "查看密钥",
  "key.operate": "管理密钥",
  "evidence.read": "查看证据包",
  "evidence.request": "申请证据包",
  "evidence.approve": "审批证据包",
  "person.destroy": "申请销毁个人数据",
  "person.destroy.approve": "审批销毁个人数据",
  "field.unmask": "查看打码内容",
  "reading.approve": "审批批量查看",
  "emergency.open": "紧急访问",
  "emergency.review": "复核紧急访问",
};

export function nameOfPermission(permission: string): string {
  return names[permission] ?? permission;
}

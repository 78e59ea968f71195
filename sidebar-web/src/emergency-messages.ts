/** Words of the banner that stands on every page while an emergency lasts. */
export const text = {
  title: "紧急访问中",
  detail: (names: readonly string[]): string =>
    `可阅读${names.join("、")}的聊天，每一步都会留痕，事后由另一个人复核。`,
  left: (clock: string): string => `剩余 ${clock}`,
  read: "查看会话",
  end: "结束",
  ending: "正在结束…",
} as const;

/** "3:59:07" */
export function leftUntil(endsAtMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.ceil((endsAtMs - nowMs) / 1000));
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

import type { Random } from "./random.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** The age of the oldest and of the newest message of the demo company. WeCom serves five days. */
export const oldestAgoMs = 4.5 * day;
export const newestAgoMs = 2 * hour;

/**
 * What lies before a message: the rest of a split message, an answer, a pause for thought or other work, or a break
 * after which the talk is taken up again.
 */
export type Gap = "burst" | "reply" | "pause" | "break";

/** The ages of a conversation's messages, oldest first, strictly falling, within the window above. */
export function drawAges(gaps: readonly Gap[], random: Random): number[] {
  const waits = gaps.map((gap, index) => (index === 0 ? 0 : drawWaitMs(gap, random)));
  const durationMs = waits.reduce((sum, wait) => sum + wait, 0);
  const roomMs = oldestAgoMs - newestAgoMs;
  const scale = Math.min(1, (roomMs * 0.9) / Math.max(durationMs, 1));
  const slackMs = roomMs - durationMs * scale;
  let agoMs = newestAgoMs + slackMs * random.next() + durationMs * scale;
  return waits.map((wait) => {
    agoMs -= wait * scale;
    return Math.max(newestAgoMs, Math.round(agoMs));
  });
}

function drawWaitMs(gap: Gap, random: Random): number {
  switch (gap) {
    case "burst":
      return random.int(2 * second, 15 * second);
    case "reply":
      // Most answers come within a minute, some take several.
      return random.int(8 * second, 50 * second) * (random.chance(0.25) ? random.int(2, 8) : 1);
    case "pause":
      return random.chance(0.25) ? random.int(hour, 18 * hour) : random.int(minute, 45 * minute);
    case "break":
      return random.int(15 * minute, 10 * hour);
  }
}

/** How much people chat in each hour of the day in Asia/Shanghai. */
const chatByHour = [
  0.02, 0, 0, 0, 0, 0, 0.02, 0.15, 0.6, 1, 1, 1, 0.6, 0.7, 1, 1, 1, 1, 0.7, 0.45, 0.4, 0.3, 0.15,
  0.05,
] as const;
const shanghaiOffsetMs = 8 * hour;
const stepMs = 10 * minute;

/**
 * The time of a message of this age when the hours in which nobody chats are passed over quickly: keeps the order and
 * the window, and moves the night's messages into the day. Epoch milliseconds.
 */
export function createWorkingClock(nowMs: number): (agoMs: number) => number {
  const startMs = nowMs - oldestAgoMs;
  const steps = Math.round((oldestAgoMs - newestAgoMs) / stepMs);
  const passed = [0];
  for (let step = 0; step < steps; step += 1) {
    const hourOfDay = Math.floor((startMs + step * stepMs + shanghaiOffsetMs) / hour) % 24;
    passed.push((passed[step] ?? 0) + (chatByHour[hourOfDay] ?? 0) + 0.002);
  }
  const whole = passed[steps] ?? 1;
  return (agoMs) => {
    const share = (oldestAgoMs - agoMs) / (oldestAgoMs - newestAgoMs);
    const target = Math.min(1, Math.max(0, share)) * whole;
    const after = passed.findIndex((sum, index) => index > 0 && sum >= target);
    const index = after < 0 ? steps : after;
    const [low, high] = [passed[index - 1] ?? 0, passed[index] ?? whole];
    return Math.round(startMs + (index - 1 + (target - low) / (high - low)) * stepMs);
  };
}

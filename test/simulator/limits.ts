/** Calls per minute and hour of one API; exceeding one blocks the API for that long. */
export interface CallLimit {
  perMinute: number;
  perHour: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DEFAULT: CallLimit = { perMinute: 10_000, perHour: 150_000 };

export interface CallLimits {
  /** Counts one call; false when the API is (now) blocked. `caller` counts callers apart. */
  allow: (path: string, caller?: string) => boolean;
  isBlocked: (path: string, caller?: string) => boolean;
  set: (path: string, limit: Partial<CallLimit>) => void;
}

interface Usage {
  minute: number;
  minuteCalls: number;
  hour: number;
  hourCalls: number;
  blockedUntilMs: number;
}

/** `published` are the limits of single APIs; everything else has the corp-wide ones. */
export function createCallLimits(
  published: ReadonlyMap<string, Partial<CallLimit>>,
  now: () => number,
): CallLimits {
  const limits = new Map(published);
  const usages = new Map<string, Usage>();
  return {
    allow(path, caller = "") {
      const limit = { ...DEFAULT, ...limits.get(path) };
      const usage = countCall(usages.get(path + caller), now());
      usages.set(path + caller, usage);
      if (usage.blockedUntilMs > now()) return false;
      if (usage.hourCalls > limit.perHour) usage.blockedUntilMs = now() + HOUR_MS;
      else if (usage.minuteCalls > limit.perMinute) usage.blockedUntilMs = now() + MINUTE_MS;
      return usage.blockedUntilMs <= now();
    },
    isBlocked: (path, caller = "") => (usages.get(path + caller)?.blockedUntilMs ?? 0) > now(),
    set(path, limit) {
      limits.set(path, limit);
      for (const key of usages.keys()) if (key.startsWith(path)) usages.delete(key);
    },
  };
}

function countCall(usage: Usage | undefined, nowMs: number): Usage {
  const minute = Math.floor(nowMs / MINUTE_MS);
  const hour = Math.floor(nowMs / HOUR_MS);
  return {
    minute,
    minuteCalls: (usage?.minute === minute ? usage.minuteCalls : 0) + 1,
    hour,
    hourCalls: (usage?.hour === hour ? usage.hourCalls : 0) + 1,
    blockedUntilMs: usage?.blockedUntilMs ?? 0,
  };
}

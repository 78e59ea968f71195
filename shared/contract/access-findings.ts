import { z } from "zod";
import { role } from "./access.ts";

/** Rights that should be looked at, and why. */
export const findingKinds = ["conflict", "dormant", "unused", "wide"] as const;
export const findingKind = z.enum(findingKinds);
export type FindingKind = z.infer<typeof findingKind>;

export const findingNames: Record<FindingKind, string> = {
  conflict: "职责冲突",
  dormant: "长期未用",
  unused: "权限过大",
  wide: "范围过大",
};

export const findingDays = [30, 60, 90, 180] as const;

export const findingState = z.enum(["open", "asked", "accepted"]);
export type FindingState = z.infer<typeof findingState>;
export const findingStateNames: Record<FindingState, string> = {
  open: "待处理",
  asked: "已申请收回",
  accepted: "已接受的风险",
};

export const finding = z.object({
  kind: findingKind,
  memberId: z.string(),
  memberName: z.string(),
  /** The roles in question; those without a grant come from WeCom's directory or the settings. */
  roles: z.array(z.object({ role, grantId: z.string().nullable() })),
  /** What was found. */
  detail: z.string(),
  todo: z.string(),
  state: findingState,
});
export type Finding = z.infer<typeof finding>;

/** GET /api/admin/access/findings?days= ; .csv is the same as a file. */
export const findingsQuery = z.object({
  days: z.coerce
    .number()
    .pipe(z.union(findingDays.map((days) => z.literal(days))))
    .default(90),
});
export const findings = z.object({
  findings: z.array(finding),
  /** Since when uses of rights are kept; null before the first. */
  sinceMs: z.number().nullable(),
  /** Whether that is long enough to call a right unused. */
  isLongEnough: z.boolean(),
});
export type Findings = z.infer<typeof findings>;

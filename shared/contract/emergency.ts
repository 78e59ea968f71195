import { z } from "zod";

/**
 * Reading beyond one's reach for some hours. A security incident that is under way opens it at once; any other cause
 * waits for a second person. Each is reviewed by another person afterwards.
 */
export const emergencyCauses = ["incident", "complaint", "authority", "safety"] as const;
export const emergencyCause = z.enum(emergencyCauses);
export type EmergencyCause = z.infer<typeof emergencyCause>;

export const emergencyCauseNames: Record<EmergencyCause, string> = {
  incident: "正在发生的安全事件（立即开启）",
  complaint: "紧急投诉",
  authority: "监管或司法要求",
  safety: "人身安全",
};

export const maxEmergencyHours = 4;
export const maxEmergencyMembers = 5;
/** In characters. */
export const emergencyReasonLength = { min: 20, max: 300 } as const;

/** POST /api/emergencies → EmergencyView (201). */
export const emergencyRequest = z.strictObject({
  cause: emergencyCause,
  memberIds: z
    .array(z.string().min(1).max(64))
    .min(1, "请选择要查看谁的聊天")
    .max(maxEmergencyMembers, `一次最多 ${maxEmergencyMembers} 人`),
  hours: z.number().int().min(1, "至少 1 小时").max(maxEmergencyHours, "最长 4 小时"),
  reason: z
    .string()
    .trim()
    .min(emergencyReasonLength.min, `请写清楚理由，至少 ${emergencyReasonLength.min} 个字`)
    .max(emergencyReasonLength.max, `不超过 ${emergencyReasonLength.max} 个字`),
});
export type EmergencyRequest = z.infer<typeof emergencyRequest>;

export const emergencyState = z.enum(["waiting", "open", "ended", "refused"]);
export type EmergencyState = z.infer<typeof emergencyState>;
export const emergencyVerdict = z.enum(["justified", "unjustified"]);
export type EmergencyVerdict = z.infer<typeof emergencyVerdict>;
export const verdictNames: Record<EmergencyVerdict, string> = {
  justified: "正当",
  unjustified: "不当",
};

export const emergencyView = z.object({
  id: z.string(),
  state: emergencyState,
  cause: emergencyCause,
  memberNames: z.array(z.string()),
  hours: z.number().int(),
  reason: z.string(),
  requestedByName: z.string(),
  requestedAtMs: z.number(),
  /** Null for one that began without a second person. */
  approvedByName: z.string().nullable(),
  openedAtMs: z.number().nullable(),
  endsAtMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
  reviewDueAtMs: z.number().nullable(),
  isOverdue: z.boolean(),
  verdict: emergencyVerdict.nullable(),
  reviewedByName: z.string().nullable(),
  reviewedAtMs: z.number().nullable(),
  note: z.string().nullable(),
  mayEnd: z.boolean(),
  mayReview: z.boolean(),
});
export type EmergencyView = z.infer<typeof emergencyView>;

/** GET /api/emergencies?cursor= : one's own and, for who reviews or audits, everybody's; newest first, 20 a page. */
export const emergencyListQuery = z.object({ cursor: z.string().max(100).optional() });
export const emergencyList = z.object({
  emergencies: z.array(emergencyView),
  nextCursor: z.string().nullable(),
});
export type EmergencyList = z.infer<typeof emergencyList>;

/** GET /api/emergencies/candidates : whose chats one may name. */
export const emergencyCandidates = z.object({
  members: z.array(z.object({ id: z.string(), name: z.string() })),
});
export type EmergencyCandidates = z.infer<typeof emergencyCandidates>;

/** GET /api/session/emergency : the one that is open for whoever asks, for the banner on every page. */
export const ownEmergency = z.object({
  emergency: z
    .object({
      id: z.string(),
      readerName: z.string(),
      memberNames: z.array(z.string()),
      openedAtMs: z.number(),
      endsAtMs: z.number(),
    })
    .nullable(),
});
export type OwnEmergency = z.infer<typeof ownEmergency>;

export const emergencyParams = z.object({ id: z.string().min(1).max(64) });

/** POST /api/emergencies/:id/review → EmergencyView, by another person. */
export const emergencyReview = z.strictObject({
  verdict: emergencyVerdict,
  note: z.string().trim().min(4, "请写明复核意见，至少 4 个字").max(300, "不超过 300 个字"),
});
export type EmergencyReview = z.infer<typeof emergencyReview>;

import type { HealthView } from "#shared/contract/health";

export type HealthLine = HealthView["lines"][number];

/** One thing that is looked at. `look` may throw: then that is what the line says. */
export interface HealthCheck {
  id: string;
  title: string;
  look(nowMs: number): Promise<Finding> | Finding;
}

export interface Finding {
  status: HealthLine["status"];
  detail: string;
  /** Null when all is well. */
  remedy: string | null;
}

export function ok(detail: string): Finding {
  return { status: "ok", detail, remedy: null };
}

export function attention(detail: string, remedy: string): Finding {
  return { status: "attention", detail, remedy };
}

export function broken(detail: string, remedy: string): Finding {
  return { status: "broken", detail, remedy };
}

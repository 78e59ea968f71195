import { maskName, maskNumbers } from "../features/cases/quote.ts";
import { registerReadingJobs } from "../features/reading/reading.jobs.ts";
import { addReadingRoutes } from "../features/reading/reading.routes.ts";
import { createReading } from "../features/reading/reading.service.ts";
import type { Reading, ReadingDeps } from "../features/reading/reading.service.ts";
import type { ApiRoutes } from "../features/sign-in/actor.ts";
import type { SessionWatch } from "../features/sign-in/session-watch.ts";
import type { Ground } from "./ground.ts";
import type { People } from "./people.ts";

export interface ReadingPart extends Reading {
  addRoutes(routes: ApiRoutes, sessionWatch: SessionWatch): void;
  registerJobs(): void;
}

type Deps = Pick<People, "members" | "access" | "customers" | "approvals" | "onRightsChanged"> &
  Pick<ReadingDeps, "conversations" | "messages" | "countUnopened" | "hitMarks" | "media">;

/** Reading what others said, how much of it without a second person, and beyond one's reach in an emergency. */
export function composeReading(ground: Ground, deps: Deps): ReadingPart {
  const { jobs, log } = ground;
  const reading = createReading({
    ...ground,
    ...deps,
    namedInEmergency: () => Promise.resolve([]),
    maskName,
    maskNumbers,
  });
  deps.onRightsChanged((tx, memberIds) => reading.extensions.endAllOf(tx, memberIds));
  return {
    ...reading,
    addRoutes: (routes, sessionWatch) =>
      addReadingRoutes(routes, { ...reading, sessionWatch, log }),
    registerJobs: () => registerReadingJobs(jobs, reading.extensions),
  };
}

import type { WorkingCalendar } from "#shared/working-calendar";
import { QUOTE_UNITS } from "../features/cases/cases.service.ts";
import type { Cases } from "../features/cases/cases.service.ts";
import { clipQuote, maskedQuote, maskName, maskNumbers } from "../features/cases/quote.ts";
import { registerUnmaskingJobs, enqueueTellUnmasked } from "../features/reading/unmasking.jobs.ts";
import {
  enqueueTellOpened,
  enqueueTellReviewed,
  registerEmergencyJobs,
} from "../features/emergency/emergencies.jobs.ts";
import { addEmergencyRoutes } from "../features/emergency/emergencies.routes.ts";
import { createEmergencies } from "../features/emergency/emergencies.service.ts";
import type { Emergencies } from "../features/emergency/emergencies.service.ts";
import { findOpenEmergency } from "../features/emergency/open-emergencies.ts";
import { logReading } from "../features/reading/reading-log.ts";
import { registerReadingJobs } from "../features/reading/reading.jobs.ts";
import { addReadingRoutes } from "../features/reading/reading.routes.ts";
import { createReading } from "../features/reading/reading.service.ts";
import type { UnmaskableCase } from "../features/reading/unmasking.service.ts";
import type { Reading, ReadingDeps } from "../features/reading/reading.service.ts";
import type { ApiRoutes } from "../features/sign-in/actor.ts";
import type { SessionWatch } from "../features/sign-in/session-watch.ts";
import type { AppMessages } from "../wecom/app-messages.ts";
import type { Ground } from "./ground.ts";
import type { People } from "./people.ts";

export interface ReadingPart extends Reading {
  emergencies: Emergencies;
  addRoutes(routes: ApiRoutes, sessionWatch: SessionWatch): void;
  registerJobs(): void;
}

type Deps = Pick<People, "members" | "access" | "customers" | "approvals" | "onRightsChanged"> &
  Pick<ReadingDeps, "conversations" | "messages" | "countUnopened" | "hitMarks" | "media"> & {
    cases: Pick<Cases, "get" | "open">;
    pushes: Pick<AppMessages, "pushTextCard">;
    publicUrl: string;
    calendar: () => Promise<WorkingCalendar>;
  };

/** Reading what others said, how much of it without a second person, and beyond one's reach in an emergency. */
export function composeReading(ground: Ground, deps: Deps): ReadingPart {
  const { jobs, log } = ground;
  const reading = createReading({
    ...ground,
    ...deps,
    openCase: caseOpener(deps),
    onUnmasked: (tx, readingId) => enqueueTellUnmasked(jobs, tx, readingId),
    emergencyOf: (readerId) => findOpenEmergency(ground, readerId),
    maskName,
    maskNumbers,
  });
  const emergencies = createEmergencies({
    ...ground,
    ...deps,
    logReading: (tx, entry) => logReading(tx, ground.vault, entry),
    onOpened: (tx, id) => enqueueTellOpened(jobs, tx, id),
    onReviewed: (tx, id) => enqueueTellReviewed(jobs, tx, id),
  });
  deps.onRightsChanged(async (tx, memberIds) => {
    await reading.extensions.endAllOf(tx, memberIds);
    await emergencies.endAllOf(tx, memberIds);
  });
  return {
    ...reading,
    emergencies,
    addRoutes(routes, sessionWatch) {
      addReadingRoutes(routes, {
        ...reading,
        sessionWatch,
        log,
        onPassingRightsEnded: (memberId, listener) => emergencies.onEnded(memberId, listener),
      });
      addEmergencyRoutes(routes, emergencies);
    },
    registerJobs() {
      registerReadingJobs(jobs, reading.extensions);
      const telling = { ...ground, ...deps, messages: deps.pushes };
      registerUnmaskingJobs(telling);
      registerEmergencyJobs({ ...telling, emergencies });
    },
  };
}

/** A case as its page shows it, without the stars. */
function caseOpener({ cases, customers }: Pick<Deps, "cases" | "customers">) {
  return async (readerId: string, caseId: string): Promise<UnmaskableCase> => {
    // Throws unless the case is within reach.
    await cases.get(readerId, caseId);
    const { row, text, findings } = await cases.open(caseId);
    return {
      conversationId: row.conversationId,
      memberId: row.memberId,
      customerName: row.customerId === null ? null : await customers.nameOf(row.customerId),
      quote: clipQuote(text, findings, QUOTE_UNITS).quote,
      shown: maskedQuote(text, findings, QUOTE_UNITS).quote,
    };
  };
}

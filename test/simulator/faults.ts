import type { Faults } from "./client-contract.ts";
import type { PageFault } from "./page-faults.ts";

/** An errcode that the next calls of one path get; for tests that need one failure at one place. */
interface PlannedFailure {
  path: string;
  errcode: number;
  timesLeft: number;
}

export interface FaultBox {
  current: () => Faults;
  set: (change: Partial<Faults>) => Faults;
  /** Let the next `times` calls of `/cgi-bin<path>` answer this errcode; 0 takes back what was planned for it. */
  failNext: (path: string, errcode: number, times?: number) => void;
  /** The errcode that this call must answer, or 0. Uses up a planned failure. */
  errcodeFor: (path: string) => number;
  /** What is wrong with every page of the archive; null for nothing. */
  pageFault: () => PageFault | null;
  setPageFault: (fault: PageFault | null) => void;
}

const HEALTHY: Faults = {
  apiErrcode: 0,
  apiDelayMs: 0,
  expireTokens: false,
  callbackCopies: 1,
  dropCallbacks: false,
  corruptArchive: false,
};

/** These say something about a token or an address book; fetching a token never answers them. */
const NOT_FROM_GETTOKEN = new Set([40014, 42001, 60020, 301042]);

/** What is broken on purpose. `onExpireTokens` runs when that switch goes from off to on. */
export function createFaultBox(onExpireTokens: () => void): FaultBox {
  let faults = HEALTHY;
  let planned: PlannedFailure[] = [];
  let pageFault: PageFault | null = null;
  return {
    current: () => faults,
    set(change) {
      if (change.expireTokens === true && !faults.expireTokens) onExpireTokens();
      faults = { ...faults, ...change };
      return faults;
    },
    failNext(path, errcode, times = 1) {
      if (times === 0) planned = planned.filter((item) => item.path !== path);
      else planned.push({ path, errcode, timesLeft: times });
    },
    errcodeFor(path) {
      const failure = planned.find((item) => item.path === path);
      if (failure !== undefined) {
        failure.timesLeft -= 1;
        planned = planned.filter((item) => item.timesLeft > 0);
        return failure.errcode;
      }
      if (path === "/gettoken" && NOT_FROM_GETTOKEN.has(faults.apiErrcode)) return 0;
      return faults.apiErrcode;
    },
    pageFault: () => pageFault,
    setPageFault: (fault) => void (pageFault = fault),
  };
}

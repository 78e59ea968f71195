import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../simulator/company/random.ts";
import { PAGE_FAULTS } from "../simulator/page-faults.ts";
import type { Stage } from "./stage.ts";
import { letLeasesPass } from "./time-passes.ts";

/**
 * One way in which things go wrong. Each ends its own trouble. Faults of one lane come one after the other, those of
 * different lanes at the same time.
 */
export interface Fault {
  lane: "processes" | "storage" | "wecom";
  name: string;
  /** Why it cannot happen here; null when it can. */
  lacks(stage: Stage): string | null;
  strike(stage: Stage, random: Random): Promise<void>;
}

/** `sdkfileid` does not exist any more. */
const FILE_GONE = 301048;

const always = (): null => null;

const processes: Omit<Fault, "lane">[] = [
  {
    name: "kill -9 of a server",
    lacks: always,
    strike: ({ servers }, random) => random.pick(servers).kill(random.int(0, 1500)),
  },
  {
    name: "a server is asked to end in the middle of its work",
    lacks: always,
    strike: ({ servers }, random) => random.pick(servers).restart(),
  },
  {
    name: "kill -9 of the SDK host",
    lacks: ({ source }) => (source === "library" ? null : "the HTTP interface has no host"),
    async strike({ servers }, random) {
      for (let kill = random.int(1, 4); kill > 0; kill -= 1) {
        random.pick(servers).killHost();
        await delay(random.int(50, 400));
      }
    },
  },
  {
    name: "a server is stopped past its leases and goes on",
    lacks: ({ servers }) => (servers.length > 1 ? null : "there is one server"),
    async strike({ servers, database }, random) {
      const server = random.pick(servers);
      server.freeze();
      try {
        await letLeasesPass(database);
        await delay(random.int(500, 3000));
      } finally {
        server.thaw();
      }
    },
  },
  {
    name: "kill -9 of the database",
    lacks: ({ database }) => (database.server ? null : "SQLite has no server"),
    async strike({ database }, random) {
      await database.server?.kill();
      await delay(random.int(0, 2000));
      await database.server?.start();
    },
  },
];

const storage: Omit<Fault, "lane">[] = [
  {
    name: "the database is locked",
    lacks: always,
    async strike({ database }, random) {
      const unlock = await database.lock();
      await delay(random.int(200, 3000));
      await unlock();
    },
  },
  {
    name: "the database is read-only",
    lacks: ({ database }) =>
      database.kind === "mariadb" || database.disk ? null : "a C compiler on Linux is needed",
    async strike({ database }, random) {
      const end = await database.makeReadOnly();
      await delay(random.int(200, 2000));
      await end();
    },
  },
  {
    name: "the disk is full",
    lacks({ database }) {
      if (database.kind === "mariadb") return "it waits for space on its own; SQLite has the test";
      return database.fillDisk ? null : "only root can mount a small disk";
    },
    async strike({ database }, random) {
      const free = database.fillDisk?.();
      await delay(random.int(500, 3000));
      free?.();
    },
  },
  {
    name: "the disk fails at one moment",
    lacks({ database }) {
      if (database.kind === "mariadb") return "it is the server's disk";
      return database.disk ? null : "a C compiler on Linux is needed";
    },
    async strike({ database }, random) {
      for (let failure = random.int(1, 4); failure > 0; failure -= 1) {
        database.disk?.failOnce(random.int(1, 60), random.pick(["EIO", "ENOSPC"]));
        await delay(random.int(100, 600));
      }
    },
  },
];

const wecom: Omit<Fault, "lane">[] = [
  {
    name: "WeCom is slow",
    lacks: always,
    async strike({ twin }, random) {
      twin.setFaults({ apiDelayMs: random.int(200, 3000) });
      await delay(random.int(500, 3000));
      twin.setFaults({ apiDelayMs: 0 });
    },
  },
  {
    name: "WeCom refuses every call",
    lacks: always,
    async strike({ twin }, random) {
      twin.setFaults({ apiErrcode: random.pick([-1, 45009]) });
      await delay(random.int(300, 2000));
      twin.setFaults({ apiErrcode: 0 });
    },
  },
  {
    name: "WeCom forgets its tokens",
    lacks: always,
    async strike({ twin }, random) {
      twin.setFaults({ expireTokens: true });
      await delay(random.int(100, 500));
      twin.setFaults({ expireTokens: false });
    },
  },
  {
    name: "the line is cut",
    lacks: always,
    async strike({ line }, random) {
      line.cut();
      await delay(random.int(200, 2000));
      line.mend();
    },
  },
  {
    name: "callbacks come several times, and then not at all",
    lacks: always,
    async strike({ twin }, random) {
      twin.setFaults({ callbackCopies: 3 });
      await delay(random.int(200, 1000));
      twin.setFaults({ callbackCopies: 1, dropCallbacks: true });
      await delay(random.int(200, 1000));
      twin.setFaults({ dropCallbacks: false });
    },
  },
  {
    name: "a private key is late, and some items are garbage",
    lacks: always,
    async strike({ twin }, random) {
      twin.rotateArchiveKey({ deliver: false });
      twin.setFaults({ corruptArchive: true });
      await delay(random.int(100, 400));
      twin.setFaults({ corruptArchive: false });
      await delay(random.int(300, 1500));
      twin.deliverArchiveKeys();
    },
  },
  {
    name: "files are gone before they are fetched",
    lacks: always,
    strike(stage, random) {
      const count = random.int(1, 3);
      stage.filesGone += count;
      stage.twin.failNext("/message/getchatmediadata", FILE_GONE, count);
      return Promise.resolve();
    },
  },
  ...PAGE_FAULTS.map((fault) => ({
    name: `pages come ${fault.replaceAll("_", " ")}`,
    lacks: always,
    async strike({ twin }: Stage, random: Random) {
      twin.disturbPages(fault);
      await delay(random.int(800, 2500));
      twin.disturbPages(null);
    },
  })),
];

const inLane =
  (lane: Fault["lane"]) =>
  (fault: Omit<Fault, "lane">): Fault => ({ lane, ...fault });

export const faults: readonly Fault[] = [
  ...processes.map(inLane("processes")),
  ...storage.map(inLane("storage")),
  ...wecom.map(inLane("wecom")),
];

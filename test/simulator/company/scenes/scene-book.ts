import type { Scene } from "../script.ts";
import { conductBreaches } from "./breaches-conduct.ts";
import { salesBreaches } from "./breaches-sales.ts";
import { businessScenes } from "./business.ts";
import { followUps } from "./follow-ups.ts";
import { groupScenes } from "./groups.ts";
import { hardwareScenes } from "./hardware.ts";
import { insuranceScenes } from "./insurance.ts";
import { relationScenes } from "./relations.ts";
import { closings, smallTalk } from "./small-talk.ts";
import { softwareScenes } from "./software.ts";
import { wealthScenes } from "./wealth.ts";

/** All that is written for the demo company, by the part that it plays in a conversation. */
export const sceneBook: Readonly<
  Record<"topics" | "groups" | "asides" | "closings" | "breaches", readonly Scene[]>
> = {
  topics: [
    ...wealthScenes,
    ...insuranceScenes,
    ...softwareScenes,
    ...hardwareScenes,
    ...businessScenes,
    ...relationScenes,
  ],
  groups: groupScenes,
  /** What fills a conversation up: other small matters, and small talk. */
  asides: [...followUps, ...smallTalk],
  closings,
  /** The title of each is its category. */
  breaches: [...salesBreaches, ...conductBreaches],
};

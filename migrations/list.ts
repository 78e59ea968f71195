import { Foundation1764000000000 } from "./1764000000000-foundation.ts";
import { Reading1764100000000 } from "./1764100000000-reading.ts";
import { Reconciliation1764200000000 } from "./1764200000000-reconciliation.ts";
import { Media1764300000000 } from "./1764300000000-media.ts";
import { SearchIndex1764400000000 } from "./1764400000000-search-index.ts";
import { Retention1764500000000 } from "./1764500000000-retention.ts";
import { Ledger1764600000000 } from "./1764600000000-ledger.ts";
import { Access1764650000000 } from "./1764650000000-access.ts";
import { Publishing1764800000000 } from "./1764800000000-publishing.ts";
import { NativeInterception1764900000000 } from "./1764900000000-native-interception.ts";
import { Keys1765000000000 } from "./1765000000000-keys.ts";
import { PersonDestruction1765010000000 } from "./1765010000000-person-destruction.ts";
import { Evidence1765100000000 } from "./1765100000000-evidence.ts";
import { KeyAge1765300000000 } from "./1765300000000-key-age.ts";
import { GuardedReading1765410000000 } from "./1765410000000-guarded-reading.ts";
import { AccessReview1765420000000 } from "./1765420000000-access-review.ts";
import { TimeStamp1765430000000 } from "./1765430000000-time-stamp.ts";
import { RuleScans1765430000000 } from "./1765430000000-rule-scans.ts";
import { RuleFeedback1766000000000 } from "./1766000000000-rule-feedback.ts";
import { WorkingCalendar1766100000000 } from "./1766100000000-working-calendar.ts";
import { ActsWithoutMessage1766200000000 } from "./1766200000000-acts-without-message.ts";

/** In the order in which they run. A migration is never edited once it has been released. */
export const migrations = [
  Foundation1764000000000,
  Reading1764100000000,
  Reconciliation1764200000000,
  Media1764300000000,
  SearchIndex1764400000000,
  Retention1764500000000,
  Ledger1764600000000,
  Access1764650000000,
  Publishing1764800000000,
  NativeInterception1764900000000,
  Keys1765000000000,
  PersonDestruction1765010000000,
  Evidence1765100000000,
  KeyAge1765300000000,
  GuardedReading1765410000000,
  AccessReview1765420000000,
  TimeStamp1765430000000,
  RuleScans1765430000000,
  RuleFeedback1766000000000,
  WorkingCalendar1766100000000,
  ActsWithoutMessage1766200000000,
];

import type { LegalBasis } from "#shared/contract/evidence";
import type { PlacedEntry } from "../../platform/ledger/entries.ts";
import type { SealedFile } from "../../platform/vault/sealed-file-reader.ts";
import type { ConversationRange, ProvenMessage, RangeExtent } from "../archive/proven-messages.ts";

/** What was asked for, and who said yes. */
export interface PackageOrder {
  id: string;
  caseId: string | null;
  range: ConversationRange;
  purpose: string;
  legalBasis: LegalBasis;
  requestedBy: string;
  requestedAtMs: number;
  approvedBy: string;
  approvedAtMs: number;
}

/** A file of a message as it goes into the package. */
export interface PackageMedia {
  /** `media/…` */
  name: string;
  seq: number;
  file: SealedFile;
}

/** A file that is not there, and how that came. */
export interface MissingMedia {
  id: string;
  seq: number;
  state: string;
}

/** Somebody read, decided or asked for something here. */
export interface TrailObject {
  /** By which the ledger's entries name it. */
  id: string;
  /** What the ledger does not hold, such as the purpose. */
  note: string;
}

export interface ConsentRecord {
  customerId: string;
  memberId: string | null;
  state: "agreed" | "refused";
  atMs: number;
}

/** How the system was while the package was built: the law asks whether it ran as it should. */
export interface SystemState {
  facts: Readonly<Record<string, string>>;
  health: readonly { id: string; title: string; status: string; detail: string }[];
}

/** How many of each stand in a package. */
export interface PackageCounts {
  messages: number;
  outlines: number;
  gone: number;
  media: number;
  custody: number;
}

/** Everything that is said in a package, gathered. */
export interface PackageParts {
  order: PackageOrder;
  builtAtMs: number;
  extent: RangeExtent;
  messages: readonly ProvenMessage[];
  media: readonly PackageMedia[];
  missingMedia: readonly MissingMedia[];
  trail: readonly (PlacedEntry & { proof: string[]; note: string })[];
  consents: readonly ConsentRecord[];
  /** Items of the whole archive that nobody could open yet; nobody can say whether they belong here. */
  unopenedItems: number;
  system: SystemState;
  /** Id → name, of all who appear. */
  names: ReadonlyMap<string, string>;
  head: { size: number; note: string; signedAtMs: number };
  published: { note: string; publishedAtMs: number; proof: string[]; stamp: Buffer | null } | null;
}

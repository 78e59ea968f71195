import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import type { Checkpoints, SignedHead } from "../../platform/ledger/checkpoints.ts";
import { findEntriesOf } from "../../platform/ledger/entries.ts";
import { openLedger } from "../../platform/ledger/ledger.ts";
import type { Tree } from "../../platform/ledger/tree.ts";
import type { ProvenMessage, ProvenMessages } from "../archive/proven-messages.ts";
import type {
  ConsentRecord,
  MissingMedia,
  PackageMedia,
  PackageOrder,
  PackageParts,
  SystemState,
  TrailObject,
} from "./package-parts.ts";

/** Whose acts are looked for. */
export interface TrailScope {
  conversationId: string;
  memberIds: readonly string[];
  /** Of the messages in the package. */
  seqs: readonly number[];
  fromMs: number;
}

/** Where what goes into a package comes from; other features hand it over. */
export interface EvidenceSources {
  messages: ProvenMessages;
  /** Of the company, who have spoken in the conversation. */
  membersOf(conversationId: string): Promise<string[]>;
  mediaOf(seqs: readonly number[]): Promise<{ stored: PackageMedia[]; missing: MissingMedia[] }>;
  trailOf(scope: TrailScope): Promise<TrailObject[]>;
  consentsOf(conversationId: string): Promise<ConsentRecord[]>;
  countUnopened(): Promise<number>;
  describeSystem(): Promise<SystemState>;
  /** Members' and customers'; who has none is missing. */
  namesOf(ids: readonly string[]): Promise<Map<string, string>>;
}

interface Deps {
  database: Database;
  clock: Clock;
  checkpoints: Checkpoints;
  sources: EvidenceSources;
}

/** Nothing was said in that time, or nothing of it is left. */
export class EmptyPackageError extends Error {
  override name = "EmptyPackageError";
}

/** Gathers all that a package says, as it stands now. Throws `EmptyPackageError` and `UnprovenMessageError`. */
export async function gatherParts(
  { database, clock, checkpoints, sources }: Deps,
  order: PackageOrder,
  onProgress: (share: number) => Promise<void>,
): Promise<PackageParts> {
  const { range } = order;
  const extent = await sources.messages.measure(range);
  if (!extent) throw new EmptyPackageError();
  // After the measuring, so that the head covers all of it.
  await checkpoints.sign();
  const head = await checkpoints.latest();
  if (!head) throw new Error("the ledger has no signed head");
  const tree = await openLedger(database);

  const messages: ProvenMessage[] = [];
  for await (const one of sources.messages.prove(range, extent, tree, head.size)) {
    messages.push(one);
    await onProgress(messages.length / (extent.last - extent.first + 1));
  }
  const whole = messages.filter((one) => one.form === "whole");
  const seqs = whole.map(({ message }) => message.seq);
  const memberIds = await sources.membersOf(range.conversationId);
  const { conversationId, fromMs } = range;
  const [media, trail, consents, unopenedItems, system, published] = await Promise.all([
    sources.mediaOf(seqs),
    sources.trailOf({ conversationId, memberIds, seqs, fromMs }),
    sources.consentsOf(conversationId),
    sources.countUnopened(),
    sources.describeSystem(),
    provePublished(checkpoints, tree, head),
  ]);
  const placed = await placeTrail(database, tree, head.size, trail);
  const people = [
    ...whole.map(({ facts }) => facts.senderId),
    ...conversationId.split(":").slice(1),
    ...placed.map(({ actorId }) => actorId),
    ...consents.flatMap((one) => [one.customerId, one.memberId ?? []].flat()),
    order.requestedBy,
    order.approvedBy,
  ];
  return {
    order,
    builtAtMs: clock.now(),
    extent,
    messages,
    media: media.stored,
    missingMedia: media.missing,
    trail: placed,
    consents,
    unopenedItems,
    system,
    names: await sources.namesOf([...new Set(people)]),
    head,
    published,
  };
}

async function placeTrail(
  database: Database,
  tree: Tree,
  size: number,
  objects: readonly TrailObject[],
): Promise<PackageParts["trail"]> {
  const notes = new Map(objects.map(({ id, note }) => [id, note]));
  const entries = await findEntriesOf(database, [...notes.keys()]);
  return await Promise.all(
    entries
      .filter(({ position }) => position < size)
      .map(async (entry) => ({
        ...entry,
        note: notes.get(entry.objectId) ?? "",
        proof: (await tree.inclusion(entry.position, size)).map((hash) => hash.toString("hex")),
      })),
  );
}

async function provePublished(
  checkpoints: Checkpoints,
  tree: Tree,
  head: SignedHead,
): Promise<PackageParts["published"]> {
  const published = await checkpoints.latestPublished();
  if (!published || published.publishedAtMs === null) return null;
  const { note, size, publishedAtMs } = published;
  const proof = await tree.consistency(size, head.size);
  const stamp = await checkpoints.stampOf(size);
  return { note, publishedAtMs, proof: proof.map((hash) => hash.toString("hex")), stamp };
}

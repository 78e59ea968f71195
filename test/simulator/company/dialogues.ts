import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Company, Conversation, Customer, Member } from "./model.ts";
import { listSalespeople } from "./organisation.ts";
import { createRandom } from "./random.ts";
import { drawAges } from "./timing.ts";

/** A real conversation from a file: `usr` is the customer, `sys` the salesperson. */
export interface Dialogue {
  id: string;
  turns: { role: "usr" | "sys"; text: string }[];
}

/**
 * Reads every `*.jsonl` in a folder, one dialogue `{id, turns: [{role, text}]}` a line; empty lines are passed over.
 * Throws with the file's name and the line when a line is something else.
 */
export function loadDialogues(folder: string): Dialogue[] {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .sort();
  return files.flatMap((name) => {
    const lines = readFileSync(path.join(folder, name), "utf8")
      .replace(/^\uFEFF/u, "")
      .split("\n");
    return lines.flatMap((line, index) =>
      line.trim() === "" ? [] : [parseDialogue(line, `${name}, line ${index + 1}`)],
    );
  });
}

function parseDialogue(line: string, place: string): Dialogue {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new Error(`${place}: not JSON`, { cause });
  }
  if (!isDialogue(value)) {
    throw new Error(`${place}: not a dialogue {id, turns: [{role: "usr" | "sys", text}]}`);
  }
  return { id: value.id, turns: value.turns.map(({ role, text }) => ({ role, text })) };
}

function isDialogue(value: unknown): value is Dialogue {
  if (typeof value !== "object" || value === null || !("id" in value) || !("turns" in value))
    return false;
  const { id, turns } = value;
  return typeof id === "string" && Array.isArray(turns) && turns.length > 0 && turns.every(isTurn);
}

function isTurn(value: unknown): value is Dialogue["turns"][number] {
  if (typeof value !== "object" || value === null || !("role" in value) || !("text" in value))
    return false;
  return (value.role === "usr" || value.role === "sys") && typeof value.text === "string";
}

/**
 * The company with one more single conversation for each dialogue, spread over the salespeople and the customers. No
 * two of them meet in one chat, nor in a chat that is there already; the salesperson gets the customer into the
 * address book. Throws a RangeError when there are more dialogues than pairs.
 */
export function companyWithDialogues(company: Company, dialogues: readonly Dialogue[]): Company {
  const salespeople = listSalespeople(company.members);
  const customers = company.customers.map((customer) => ({
    ...customer,
    follows: [...customer.follows],
  }));
  const taken = new Set(company.conversations.map(pairOf));
  const added = dialogues.map((dialogue, index): Conversation => {
    const pair = findFreePair(index, { salespeople, customers, taken });
    if (!pair) throw new RangeError(`no customer is left for dialogue ${dialogue.id}`);
    befriend(pair.member, pair.customer);
    const { id: memberId } = pair.member;
    const { id: customerId } = pair.customer;
    const conversation = { kind: "single" as const, memberId, customerId };
    taken.add(pairOf(conversation));
    return { ...conversation, messages: createMessages(dialogue, conversation, index) };
  });
  return { ...company, customers, conversations: [...company.conversations, ...added] };
}

function pairOf(conversation: { memberId: string; customerId?: string }): string {
  return `${conversation.memberId}:${conversation.customerId ?? ""}`;
}

function findFreePair(
  index: number,
  among: {
    salespeople: readonly Member[];
    customers: readonly Customer[];
    taken: ReadonlySet<string>;
  },
): { member: Member; customer: Customer } | undefined {
  const { salespeople, customers, taken } = among;
  for (let step = 0; step < customers.length * salespeople.length; step += 1) {
    const customer = customers[(index + step) % customers.length];
    const turn = index + Math.floor((index + step) / customers.length);
    const member = salespeople[turn % salespeople.length];
    if (!customer || !member) return undefined;
    if (!taken.has(pairOf({ memberId: member.id, customerId: customer.id })))
      return { member, customer };
  }
  return undefined;
}

function befriend(member: Member, customer: Customer): void {
  if (customer.follows.some((follow) => follow.memberId === member.id)) return;
  customer.follows.push({
    memberId: member.id,
    remark: customer.name,
    description: "",
    tags: [],
    addWay: 1,
    createdAgoMs: 8 * 86_400_000,
    mobiles: [],
  });
}

function createMessages(
  dialogue: Dialogue,
  ids: { memberId: string; customerId: string },
  seed: number,
): Conversation["messages"] {
  const random = createRandom(seed);
  const gaps = dialogue.turns.map((turn, index) =>
    turn.role === dialogue.turns[index - 1]?.role ? ("burst" as const) : ("reply" as const),
  );
  const ages = drawAges(gaps, random);
  return dialogue.turns.map((turn, index) => ({
    kind: "text",
    fromId: turn.role === "sys" ? ids.memberId : ids.customerId,
    text: turn.text,
    agoMs: ages[index] ?? 0,
  }));
}

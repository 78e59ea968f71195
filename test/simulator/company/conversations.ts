import type { Person } from "./customers.ts";
import type { Facts } from "./facts.ts";
import { drawFacts } from "./facts.ts";
import type { Conversation, Member, Message, Room } from "./model.ts";
import { violationCategories } from "./model.ts";
import { corpName } from "./organisation.ts";
import type { Line, Playwright } from "./playwright.ts";
import type { Random } from "./random.ts";
import { sceneBook } from "./scenes/scene-book.ts";
import type { Field, Scene, Speaker } from "./script.ts";
import type { Hand } from "./style.ts";
import { drawCustomerHand, drawMemberHand, write } from "./style.ts";
import { drawAges } from "./timing.ts";

/** Everything about a conversation but its words. */
export interface Plan {
  member: Member;
  superior: Member;
  field: Field;
  person: Person;
  /** What goes wrong in it. */
  breach?: Scene;
  room?: { room: Room; colleague: Member; others: readonly Person[] };
}

const fewestMessages = 8;
const mostMessages = 18;
const attempts = 60;
/** After these nobody goes on chatting. */
const quarrels: readonly string[] = ["abuse", "harass", "complaint"];

/** Writes a conversation whose words are unlike those in `written`, and adds them there. */
export function writeConversation(
  plan: Plan,
  tools: { playwright: Playwright; random: Random; written: Set<string> },
): Conversation {
  const { playwright, random, written } = tools;
  const hands = drawHands(random);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const facts = drawConversationFacts(plan, random);
    const lines = composeLines(plan, { facts, hands, playwright, random });
    const transcript = normaliseTranscript(lines.map((line) => line.text));
    const isFit = lines.length >= fewestMessages && lines.length <= mostMessages;
    if (isFit && !written.has(transcript)) {
      written.add(transcript);
      return finish(plan, lines, random);
    }
  }
  throw new Error(`no conversation of ${fewestMessages} to ${mostMessages} messages came about`);
}

/** Only the letters and digits of a transcript: what is left when people type the same words differently. */
export function normaliseTranscript(texts: readonly string[]): string {
  return texts.map((text) => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "")).join("|");
}

function drawConversationFacts(plan: Plan, random: Random): Facts {
  const { member, superior, person } = plan;
  return {
    ...drawFacts(plan.field, random),
    corp: "禾盛汇",
    me: `小${member.name.charAt(0)}`,
    mename: member.name,
    lead: superior.name.charAt(0) + (superior.position.endsWith("组长") ? "组长" : "总"),
    call: person.call,
    trade: person.trade,
  };
}

function drawHands(random: Random): Record<Speaker, Hand> {
  return {
    c: drawCustomerHand(random),
    d: drawCustomerHand(random),
    e: drawCustomerHand(random),
    m: drawMemberHand(random),
    n: drawMemberHand(random),
  };
}

interface Workshop {
  facts: Facts;
  hands: Record<Speaker, Hand>;
  playwright: Playwright;
  random: Random;
}

function composeLines(plan: Plan, workshop: Workshop): Line[] {
  const { facts, hands, playwright, random } = workshop;
  const fitting = (scenes: readonly Scene[]): Scene[] =>
    scenes.filter((scene) => scene.fields.includes(plan.field));
  const perform = (scene: Scene): Line[] =>
    playwright.play(scene, facts).flatMap((line) => type(line, hands[line.speaker], random));

  if (plan.room) return perform(playwright.choose(fitting(sceneBook.groups)));
  const lines = perform(playwright.choose(fitting(sceneBook.topics)));
  // The breach is said as it is written, so that it stays what its category says.
  const breach = plan.breach ? playwright.play(plan.breach, facts) : [];
  const isQuarrel = quarrels.includes(plan.breach?.title ?? "");
  if (!isQuarrel) lines.push(...breach);
  const wanted = random.int(fewestMessages, mostMessages - 4) - (isQuarrel ? breach.length : 0);
  const told = new Set<Scene>();
  while (lines.length < wanted) {
    const aside = playwright.choose(fitting(sceneBook.asides).filter((scene) => !told.has(scene)));
    told.add(aside);
    lines.push(...perform(aside));
  }
  if (isQuarrel) return [...lines, ...breach];
  if (random.chance(0.45)) lines.push(...perform(playwright.choose(sceneBook.closings)));
  return lines;
}

function type(line: Line, hand: Hand, random: Random): Line[] {
  if (line.text.startsWith("[")) return [line];
  return write(line.text, hand, random).map((text, index) =>
    index === 0 ? { ...line, text } : { ...line, text, gap: "burst" },
  );
}

function finish(plan: Plan, lines: readonly Line[], random: Random): Conversation {
  const ages = drawAges(
    lines.map((line) => line.gap),
    random,
  );
  const ids = assignSpeakers(plan);
  const messages = lines.map((line, index) => {
    const sent = { fromId: ids[line.speaker], agoMs: ages[index] ?? 0 };
    return createMessage(line.text, sent, { superior: plan.superior, random });
  });
  const { member, person, room } = plan;
  if (room) return { kind: "group", memberId: member.id, roomId: room.room.id, messages };
  const violation = violationCategories.find((category) => category === plan.breach?.title);
  const single = { kind: "single" as const, memberId: member.id, customerId: person.customer.id };
  return violation ? { ...single, messages, violation } : { ...single, messages };
}

function assignSpeakers(plan: Plan): Record<Speaker, string> {
  const { member, person, room } = plan;
  const [second = person, third = person] = room?.others ?? [];
  return {
    m: member.id,
    n: room?.colleague.id ?? member.id,
    c: person.customer.id,
    d: second.customer.id,
    e: third.customer.id,
  };
}

function createMessage(
  text: string,
  sent: { fromId: string; agoMs: number },
  around: { superior: Member; random: Random },
): Message {
  const { superior, random } = around;
  const file = /^\[file (.+)\]$/u.exec(text)?.[1];
  if (file !== undefined) {
    const extra = { fileName: file, fileSizeBytes: random.int(24_000, 4_800_000) };
    return { ...sent, kind: "file", text: `[文件] ${file}`, extra };
  }
  const link = /^\[link (.+) :: (.+)\]$/u.exec(text);
  if (link) {
    const [, title = "", description = ""] = link;
    const url = `https://www.heshenghui.example/articles/${random.int(1000, 9999)}`;
    return { ...sent, kind: "link", text: `[链接] ${title}`, extra: { title, description, url } };
  }
  if (text === "[card]") {
    const extra = { corpName, memberId: superior.id };
    return { ...sent, kind: "card", text: `[名片] ${superior.name}`, extra };
  }
  return { ...sent, kind: "text", text };
}

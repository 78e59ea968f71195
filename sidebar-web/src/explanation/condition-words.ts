/** Says a condition, or one part of it, in a few words. Pure. */
import { childrenOf, type Condition } from "#shared/rules/condition";
import { kindOf } from "./condition-kind.ts";
import { conditionText as text } from "./condition-messages.ts";
import { explanationText } from "./messages.ts";

/** So many words are named. */
const named = 4;

function list(entries: readonly string[]): string {
  const some = entries.slice(0, named).join("、");
  return entries.length > named ? explanationText.moreWords(some, entries.length) : some;
}

/** The part by itself, without what it holds. */
export function sayPart(node: Condition): string {
  const name = text.kinds[kindOf(node)];
  switch (node.kind) {
    case "words":
      return node.words === null ? text.ownWords : `${name}：${list(node.words)}`;
    case "value":
      return `有${explanationText.valueNames[node.value]}`;
    case "pattern":
      return `${name}：${node.pattern}`;
    case "near":
      return `${name} ${node.within} ${text.units}${node.isOrdered ? `，${text.ordered}` : ""}`;
    case "count":
      return `${name} ${node.atLeast} ${text.times}`;
    case "window":
      return `${node.minutes} ${text.minutes} ${node.messages} ${text.messages}`;
    case "scene":
      return list(node.anyOf.map((scene) => text.scenes[scene]));
    case "time":
      return node.isWorkingTime ? text.working : text.off;
    case "customer":
      return `${name}：${list(node.tags)}`;
    case "content":
      return `${name}：${list([...node.anyOf.map((kind) => text.contents[kind]), ...(node.extensions ?? [])])}`;
    case "recall":
      return `${text.recallWithin} ${node.withinMinutes} ${text.recallMinutes}`;
    case "removal":
      return text.removalSays;
    case "member":
    case "all":
    case "any":
    case "not":
    case "sequence":
      return name;
  }
}

/** With all that it holds. */
export function sayCondition(node: Condition): string {
  const parts = childrenOf(node).map(sayCondition);
  return parts.length === 0 ? sayPart(node) : `${sayPart(node)}（${parts.join("；")}）`;
}

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { companyWithDialogues, generateCompany, loadDialogues } from "./company.ts";
import type { Company } from "./model.ts";

const company = generateCompany(20260801);

describe("dialogues from a folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "dialogues-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const dialogue = (id: string): string =>
    JSON.stringify({
      id,
      turns: [
        { role: "usr", text: "你好，附近有酒店吗？" },
        { role: "sys", text: "有的，您几位？" },
      ],
    });

  test("are read from every .jsonl file, and empty lines are passed over", () => {
    writeFileSync(path.join(folder, "a.jsonl"), `\uFEFF${dialogue("1")}\n\n${dialogue("2")}\n`);
    writeFileSync(path.join(folder, "b.jsonl"), dialogue("3"));
    writeFileSync(path.join(folder, "notes.txt"), "不是对话");
    const dialogues = loadDialogues(folder);
    expect(dialogues.map((one) => one.id)).toEqual(["1", "2", "3"]);
    expect(dialogues[0]?.turns[1]).toEqual({ role: "sys", text: "有的，您几位？" });
  });

  test.each([
    ["{", "not JSON"],
    ['{"id":"1"}', "not a dialogue"],
    ['{"id":"1","turns":[]}', "not a dialogue"],
    ['{"id":"1","turns":[{"role":"bot","text":"嗨"}]}', "not a dialogue"],
  ])("a bad line %s is named with its file and line", (line, reason) => {
    writeFileSync(path.join(folder, "bad.jsonl"), `${dialogue("1")}\n${line}\n`);
    expect(() => loadDialogues(folder)).toThrow(`bad.jsonl, line 2: ${reason}`);
  });

  test("become conversations of their own, and the company itself stays as it was", () => {
    const before = JSON.stringify(company);
    const lines = Array.from({ length: 600 }, (_, index) => dialogue(String(index)));
    writeFileSync(path.join(folder, "many.jsonl"), lines.join("\n"));
    const larger = companyWithDialogues(company, loadDialogues(folder));
    const added = larger.conversations.slice(500);
    expect(added).toHaveLength(600);
    expect(new Set(added.map((one) => one.memberId)).size).toBe(12);
    expect(new Set(added.map((one) => one.customerId)).size).toBeGreaterThan(450);
    expectNoSharedChat(larger);
    const [first] = added;
    expect(first?.messages.map((one) => one.fromId)).toEqual([first?.customerId, first?.memberId]);
    expect(JSON.stringify(company)).toBe(before);
  });
});

function expectNoSharedChat(larger: Company): void {
  const singles = larger.conversations.filter((one) => one.kind === "single");
  const pairs = new Set(singles.map((one) => `${one.memberId} ${one.customerId ?? ""}`));
  expect(pairs.size).toBe(singles.length);
  for (const { memberId, customerId } of singles) {
    const customer = larger.customers.find((one) => one.id === customerId);
    expect(customer?.follows.some((follow) => follow.memberId === memberId)).toBe(true);
  }
}

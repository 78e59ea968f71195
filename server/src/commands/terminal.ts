import { createInterface } from "node:readline";

/** Where a command speaks and is answered; a test has one of its own. */
export interface Terminal {
  say(line: string): void;
  /** One line; throws when there is none. */
  ask(question: string): Promise<string>;
}

export function openTerminal(): Terminal & { close(): void } {
  const lines = createInterface({ input: process.stdin, terminal: false });
  const next = lines[Symbol.asyncIterator]();
  return {
    say: (line) => void process.stdout.write(`${line}\n`),
    async ask(question) {
      process.stdout.write(question);
      const line: IteratorResult<string, unknown> = await next.next();
      if (line.done) throw new Error("the input ended too early");
      return line.value;
    },
    close: () => lines.close(),
  };
}

/** Runs what it is given one after the other. */
export interface Turns {
  /** Work that is urgent goes before all that waits and is not; among its like, what came first. */
  take<T>(work: () => Promise<T>, isUrgent?: boolean): Promise<T>;
}

export function createTurns(): Turns {
  const urgent: (() => Promise<void>)[] = [];
  const patient: (() => Promise<void>)[] = [];
  let isBusy = false;

  async function run(): Promise<void> {
    isBusy = true;
    for (;;) {
      const next = urgent.shift() ?? patient.shift();
      if (!next) break;
      await next();
    }
    isBusy = false;
  }

  return {
    take(work, isUrgent = false) {
      return new Promise((resolve, reject) => {
        const turn = (): Promise<void> => work().then(resolve, reject);
        if (isUrgent) urgent.push(turn);
        else patient.push(turn);
        if (!isBusy) void run();
      });
    },
  };
}

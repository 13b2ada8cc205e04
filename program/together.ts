/**
 * Together: those who ask while one trip is under way share the next one. The more ask, the more share a trip, and who asks
 * alone waits for nobody.
 */

/** One of the answers that `all` gave, in the order of the questions. */
export type Ask<Asked, Answered> = (asked: Asked) => Promise<Answered>;

/**
 * `all` gets at most `most` questions, in the order in which they came, and gives as many answers. What it throws, all of
 * them get. `abreast`: how many trips may be under way at a time.
 */
export function together<Asked, Answered>(
  all: (asked: readonly Asked[]) => Promise<readonly Answered[]>,
  most: number,
  abreast = 1,
): Ask<Asked, Answered> {
  interface Waiting {
    readonly asked: Asked;
    readonly resolve: (answer: Answered) => void;
    readonly reject: (cause: unknown) => void;
  }
  let waiting: Waiting[] = [];
  let gathering = false;
  let running = 0;

  async function run(): Promise<void> {
    // Whoever asks in this turn of the event loop goes along.
    await new Promise((resolve) => setImmediate(resolve));
    gathering = false;
    running += 1;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most);
      waiting = waiting.slice(most);
      // What is too much for one trip does not wait for it, as long as there is room beside it.
      if (waiting.length > 0) start();
      await take(batch);
    }
    running -= 1;
  }

  function start(): void {
    if (gathering || running >= abreast) return;
    gathering = true;
    void run();
  }

  async function take(batch: readonly Waiting[]): Promise<void> {
    try {
      const answers = await all(batch.map(({ asked }) => asked));
      if (answers.length !== batch.length)
        throw new Error(`${batch.length} questions got ${answers.length} answers`);
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] as Answered);
    } catch (cause) {
      for (const { reject } of batch) reject(cause);
    }
  }

  return (asked) =>
    new Promise((resolve, reject) => {
      waiting.push({ asked, resolve, reject });
      start();
    });
}

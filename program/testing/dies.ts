/** A program that writes lines for ever, for the test of --die-at. */
import { openLines, run } from '../index.ts';

await run(
  'dies',
  async () => {
    const file = openLines(process.argv[2] ?? '');
    for (let n = 1; n <= 5; n += 1) file.append({ n });
    return { ready: {}, stop: () => file[Symbol.dispose]() };
  },
  { withParent: false },
);

/** A program that writes ever longer lines until its disk takes no more, and says on standard output which are on it. For full-disk.test.ts. */
import { log, openLines, run } from '../index.ts';

await run(
  'fills',
  async () => {
    const file = openLines(process.argv[2] ?? '');
    const began = file.lines.length;
    let timer: NodeJS.Timeout;
    const write = () => {
      // Its log may be on the same disk; what happens to that is no reason to stop.
      log('about to write', { ballast: 'x'.repeat(500) });
      const n = began + next;
      file.append({ n, ballast: 'x'.repeat(700 + n * 3) });
      process.stdout.write(`${n}\n`);
      next += 1;
      timer = setTimeout(write, 1);
    };
    let next = 0;
    timer = setTimeout(write, 1);
    return { ready: { cut: file.cut, began }, stop: () => (clearTimeout(timer), file[Symbol.dispose]()) };
  },
  { withParent: false },
);

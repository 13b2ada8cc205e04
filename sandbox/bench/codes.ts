/** `kuramori bench codes`: how many frames of a moving code are shown until a reader that loses a fifth of them has it all. It counts, and times nothing. */
import { framesOf, reader } from '@kuramori/signers/codes';
import { seeded } from '../chaos/seed.ts';
import { alone, beside, machine, percentile, type Bench } from './figures.ts';

const [size, lost, goal] = [20_000, 0.2, 3] as const;

export interface CodesBenchOptions {
  readonly rounds: number;
}

export function benchCodes({ rounds }: CodesBenchOptions): Bench {
  const runs = Array.from({ length: rounds }, (_, at) => shown(at + 1));
  const fragments = framesOf('bytes', new Uint8Array(size)).fragments;
  const title = `20 kB, ${lost * 100} % of the frames lost`;
  return {
    bench: 'codes',
    machine: machine(),
    figures: [
      // Bytes that each frame brings, so that more is better; a third of a frame's own is the goal.
      beside(
        `bytes read a frame shown, worst of ${rounds}, ${title}`,
        size / Math.max(...runs),
        'bytes',
        'bytes that a frame holds',
        size / fragments,
        Number((1 / goal).toFixed(3)),
      ),
      alone('frames that hold it', fragments, 'frames'),
      alone('frames shown, p50', percentile(runs, 0.5), 'frames'),
      alone('frames shown, worst', Math.max(...runs), 'frames'),
    ],
  };
}

/** Of bytes and losses that the number of the run says. */
function shown(run: number): number {
  const random = seeded(run);
  const percent = lost * 100;
  const bytes = Buffer.from(Array.from({ length: size }, () => random.below(256)));
  const [frames, reading] = [framesOf('bytes', bytes), reader()];
  for (let number = 1; ; number += 1) {
    if (random.below(100) < percent) continue;
    const step = reading.take(frames.text(number));
    if (step.kind !== 'whole') continue;
    if (!bytes.equals(step.bytes)) throw new Error('bench codes: what was read is not what was shown');
    return number;
  }
}

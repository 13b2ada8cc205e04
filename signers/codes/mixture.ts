/** Mixture: of which fragments a frame is the sum; sender and reader know it from its number alone (BCR-2024-001, "The Consensus Stack"). */
import { xoshiro, type Xoshiro } from './xoshiro.ts';

/** Gives an index, each as often as its weight says. */
export type Sampler = (random: Xoshiro) => number;

/** Vose's alias method, in the order of the standard's "Random Sampler"; doubles are IEEE 754, as it requires. */
export function sampler(weights: readonly number[]): Sampler {
  const count = weights.length;
  const sum = weights.reduce((one, other) => one + other, 0);
  const left = weights.map((weight) => (weight * count) / sum);
  const [small, large]: [number[], number[]] = [[], []];
  const sort = (at: number) => ((left[at] ?? 0) < 1 ? small : large).push(at);
  for (let at = count - 1; at >= 0; at -= 1) sort(at);
  const [own, alias] = [new Float64Array(count).fill(1), new Uint32Array(count)];
  while (small.length > 0 && large.length > 0) {
    const [less, more] = [small.pop() ?? 0, large.pop() ?? 0];
    own[less] = left[less] ?? 0;
    alias[less] = more;
    left[more] = (left[more] ?? 0) + ((left[less] ?? 0) - 1);
    sort(more);
  }
  return (random) => {
    const at = Math.floor(count * random.fraction());
    return random.fraction() < (own[at] ?? 0) ? at : (alias[at] ?? 0);
  };
}

/** How many fragments are mixed: one as often as its reciprocal ("Degree Chooser"). */
export function degrees(fragments: number): Sampler {
  const draw = sampler(Array.from({ length: fragments }, (_, at) => 1 / (at + 1)));
  return (random) => draw(random) + 1;
}

/** The first `count` of 0 to below `of`, shuffled ("The Fisher-Yates Shuffle"). */
export function drawn(of: number, count: number, random: Xoshiro): readonly number[] {
  const remaining = Array.from({ length: of }, (_, at) => at);
  return Array.from({ length: count }, () => remaining.splice(random.below(remaining.length), 1)[0] ?? 0);
}

/** Of a message in `fragments` parts with this CRC-32: the places, from 0, of what frame `number` (from 1) is the sum of. */
export function mixtures(fragments: number, checksum: number): (number: number) => readonly number[] {
  const degree = degrees(fragments);
  return (number) => {
    // The first frames are the fragments themselves.
    if (number <= fragments) return [number - 1];
    const seed = Buffer.alloc(8);
    seed.writeUInt32BE(number);
    seed.writeUInt32BE(checksum, 4);
    const random = xoshiro(seed);
    return drawn(fragments, degree(random), random);
  };
}

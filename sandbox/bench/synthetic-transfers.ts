/**
 * Synthetic transfers, the same for the same seed, made as they are asked for: a tenth as many accounts as transfers, some
 * busier than others; a hundred services, which bring the money in; and a thief, of whom is every fiftieth transfer, so that
 * stolen and other money lie mixed nearly everywhere. Nobody spends more than they have. Micro-units, as of NEM: no balance
 * is near 2^53.
 */
import type { Streamed } from '@kuramori/tracer';
import { seeded } from '../chaos/seed.ts';

const services = 100;
const thiefEvery = 50;
const perBlock = 100;

/** As long as an address of NEM. */
const nameOf = (what: string, number: number) => `${what}${String(number).padStart(40 - what.length, '0')}`;
export const thief = nameOf('THIEF', 0);
export const serviceNames = Array.from({ length: services }, (_, number) => nameOf('SERVICE', number));

/** A chunk at a time, so that making them is not measured, and they need no room. */
export function* syntheticTransfers(
  count: number,
  seed: number,
  chunk: number,
): Generator<readonly Streamed[]> {
  const random = seeded(seed);
  const people = Math.max(1_000, Math.floor(count / 10));
  const names = Array.from({ length: people }, (_, number) => nameOf('A', number));
  const held = new Float64Array(people);
  const busy = () => Math.floor((random.below(people) * random.below(people)) / people);
  let made: Streamed[] = [];
  for (let row = 0; row < count; row += 1) {
    const place = { block: 1 + Math.floor(row / perBlock), index: row % perBlock, asset: 'xem' };
    const [giver, taker] = [busy(), random.below(people)];
    const toService = random.below(10) === 0;
    const service = serviceNames[random.below(services)] ?? '';
    const [givers, takers] = [names[giver] ?? '', names[taker] ?? ''];
    const have = held[giver] ?? 0;
    const stolen = row % thiefEvery === thiefEvery - 1;
    if (stolen || have === 0 || giver === taker) {
      // From one unit to a million, every size as often.
      const units = (1 + random.below(9)) * 10 ** (6 + random.below(7)) + random.below(1_000_000);
      made.push({ ...place, from: stolen ? thief : service, to: takers, units: BigInt(units) });
      held[taker] = (held[taker] ?? 0) + units;
    } else {
      const all = random.below(5) === 0;
      const units = all ? have : Math.max(1, Math.floor((have * random.below(1_000)) / 1_000));
      made.push({ ...place, from: givers, to: toService ? service : takers, units: BigInt(units) });
      held[giver] = have - units;
      if (!toService) held[taker] = (held[taker] ?? 0) + units;
    }
    if (made.length === chunk) {
      yield made;
      made = [];
    }
  }
  if (made.length > 0) yield made;
}

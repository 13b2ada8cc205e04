/** KEY: the thief has keys, and signs outside our system. Each theft is its steps: when, how much of the wallet, to whom. */
import { combine, planPayment, signShare, type Address, type Planned } from '@kuramori/chains/nem/codec';
import { announce, must, transfer } from '../../house/chain.ts';
import type { House } from '../../house/house.ts';
import type { Account } from '../../house/people.ts';
import { layouts } from '../../house/plan.ts';
import { stealKey, takeable, times, type Attempt } from '../thief.ts';
import type { Scene } from './drill.ts';
import { unspendable } from './purses.ts';

export interface Step {
  /** Milliseconds after the first. */
  readonly after: number;
  /** Of what the hot wallet held when he came, in millionths; null takes what is there. */
  readonly millionths: number | null;
  /** `first`: the account of the first step. `new`: one of its own. `nobody`: an address that nobody has the key of. */
  readonly to: 'first' | 'new' | 'nobody';
}

export interface Shape {
  /** The keys that lay where the thief was: one signer's, or every online signer's. */
  readonly keys: 'one' | 'all';
  readonly steps: readonly Step[];
  /** Before the first step. */
  readonly first?: (scene: Scene) => Promise<void>;
}

/** Below this chain time does not jump: he is as fast as he can be, and everybody else too. */
const shortest = 60_000;

export function stealing({ keys, steps, first }: Shape) {
  return async (scene: Scene): Promise<void> => {
    const { house, hot, now, jumpTo, accepted } = scene;
    const signers = house.deed.signers.slice(0, keys === 'one' ? 1 : undefined);
    const stolen = signers.map(({ id }) => stealKey(house, id));
    await first?.(scene);
    const began = now();
    const purse = scene.account().address;
    for (const [index, { after, millionths, to }] of steps.entries()) {
      const waits = began + after - now() >= shortest;
      if (waits) await jumpTo(began + after);
      const recipient =
        to === 'first' ? purse : to === 'new' ? scene.account().address : nobodys(scene, index);
      const units = millionths === null ? hot : (hot * BigInt(millionths)) / 1_000_000n;
      const attempt = await spend(scene, stolen, recipient, units, waits && index % 2 === 1 ? 1 : 0);
      if (attempt?.code === 1) accepted(attempt);
    }
  };
}

/** The servers are shut, which stops nobody who has the keys. */
export const custodyDies = ({ house }: Pick<Scene, 'house'>) => house.kill('custody');

/** Everything at once; and a day later, while customers go on paying in, three times more. */
export async function comesBack(scene: Scene): Promise<void> {
  const { house, now, jumpTo } = scene;
  const all = (millionths: number | null): Step => ({ after: 0, millionths, to: 'first' });
  await stealing({ keys: 'all', steps: [all(500_000), all(null)] })(scene);
  await jumpTo(now() + 24 * 3_600_000);
  for (let round = 0; round < 3; round += 1) {
    const paidIn = transfer(house.people.customer, house.deed.hot.address as Address, topUp, '', now());
    await announce(house.nodes[0], paidIn);
    await jumpTo(now() + 20 * 60_000);
    await stealing({ keys: 'all', steps: [all(null)] })(scene);
  }
}

/** Micro-XEM that a customer still pays in. */
const topUp = 50_000_000_000n;

function nobodys({ purse }: Scene, index: number): Address {
  const address = unspendable(index);
  purse(address);
  return address;
}

/**
 * Takes from the hot wallet with the keys there are: what is asked, or what is left. With too few keys it is a proposal,
 * which waits for the others' signatures. Null where nothing is left.
 */
export async function spend(
  { house, now }: Pick<Scene, 'house' | 'now'>,
  stolen: readonly Account[],
  to: Address,
  wanted: bigint,
  which: 0 | 1,
): Promise<Attempt | null> {
  const node = house.nodes[which];
  const free = await takeable(node, house.deed.hot.address);
  if (free <= 0n) return null;
  const { fees } = planned(house, stolen, to, wanted < free ? wanted : free, now());
  const units = wanted + fees <= free ? wanted : free - fees;
  if (units <= 0n) return null;
  const plan = planned(house, stolen, to, units, now());
  const signatures = new Map<string, string>();
  for (const { key, share } of plan.shares) {
    const by = stolen.find(({ publicKey }) => publicKey === key);
    if (by) signatures.set(key, signShare(by.privateKey, share));
  }
  const [own] = plan.shares;
  const combined = combine(plan, signatures);
  const announcements =
    combined.kind === 'announcements'
      ? combined.announcements
      : [{ data: plan.plan, signature: signatures.get(own?.key ?? '') ?? '' }];
  let first: Attempt | null = null;
  for (const announcement of announcements) {
    const { code, hash } = must(await node.announce(announcement));
    first ??= { hash: hash ?? '', code, at: Date.now() };
  }
  return first;
}

/** By the keys that he has, and where they are too few by those of the others, who will not sign. */
function planned(
  { deed, plan }: Pick<House, 'deed' | 'plan'>,
  stolen: readonly Account[],
  to: Address,
  units: bigint,
  at: number,
): Planned {
  const { threshold } = layouts[plan.wallet];
  const his = stolen.map(({ publicKey }) => publicKey as string);
  const others = deed.signers.map(({ chainKey }) => chainKey).filter((key) => !his.includes(key));
  const cosigners = deed.signers.map(({ id, chainKey }) => ({ publicKey: chainKey, signer: id }));
  const made = planPayment({
    wallet: { ...deed.hot, threshold, cosigners },
    network: 'testnet',
    recipient: to,
    units,
    memo: '',
    ...times(at),
    keys: [...his, ...others].slice(0, threshold),
  });
  if (made.kind === 'refused') throw new Error(`drill: ${made.field} ${made.why}`);
  return made.planned;
}

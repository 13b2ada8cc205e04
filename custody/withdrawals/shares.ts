/** Shares: who is asked to sign a plan, and for which bytes. */
import { everOnline } from './acting.ts';
import type { Branch } from '../branch.ts';
import type { Planned } from './row.ts';
import { readySigners, type Share } from './signing.ts';

/**
 * Of those it was planned for; where the chain does not mind who signs, others stand in for the silent ones, so that what is
 * planned next does not wait for them as well.
 */
export async function sharesOf(house: Branch, planned: Planned): Promise<readonly Share[]> {
  const { shareOf } = house.chain;
  const chosen = sharesPlanned(house, planned);
  if (!shareOf) return chosen;
  const { ready } = await readySigners(house);
  const isReady = ({ key }: { readonly key: string }) => ready.some((one) => one.key === key);
  if (chosen.every(isReady)) return chosen;
  const others = ready
    .filter(({ key }) => !chosen.some((one) => one.key === key))
    .map((one) => ({ ...one, share: shareOf(planned.plan, one.key) }));
  const shares = [...chosen.filter(isReady), ...others].slice(0, chosen.length);
  return shares.length === chosen.length ? shares : chosen;
}

function sharesPlanned(house: Branch, planned: Planned): readonly Share[] {
  return planned.shares.map(({ key, share }) => {
    const held = everOnline(house.hot).find((one) => one.key === key);
    if (!held) throw new Error(`the plan asks for the key ${key}, which no signer of ${house.hot.id} holds`);
    return { ...held, share };
  });
}

/** Opening: what the wallets held before the first block that is read, by the keepers' word, as the house's own funds. */
import { claimOf, depositOf, inTransaction, post } from '@kuramori/ledger';
import { Misconfigured } from '@kuramori/program';
import type { House } from '../house.ts';
import { holdingOf } from '../chain/spend.ts';

/** Once for each wallet and asset, at the first start that has it. Throws Misconfigured where another figure is booked. */
export async function bookOpenings({ pool, policy }: Pick<House, 'pool' | 'policy'>): Promise<void> {
  for (const [index, wallet] of policy.wallets.entries()) {
    for (const { asset, units } of wallet.opening ?? []) {
      if (units === 0n) continue;
      const id = `opening:${wallet.id}:${asset}`;
      const came = depositOf({
        id,
        about: id,
        asset,
        units,
        into: holdingOf(wallet),
        of: { kind: 'unclaimed' },
      });
      const ours = claimOf({ id: `${id}:own`, deposit: id, asset, units, by: { kind: 'own-funds' } });
      const refused = await inTransaction(pool, async (client) =>
        (await post(client, [came, ours])).find((answer) => answer.kind === 'refused'),
      );
      if (refused)
        throw new Misconfigured(
          `policy: wallets.${index}.opening: the books opened with another figure (${refused.why}): put back what it was, and have two people adjust the books`,
        );
    }
  }
}

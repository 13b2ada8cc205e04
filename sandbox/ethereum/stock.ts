/** What the house's Safes hold when a drill begins: coins, and tokens that are listed. */
import { checksummed, selectorOf, word, type Address } from '@kuramori/chains/ethereum/codec';
import { ChainFailed } from '../house/chain.ts';
import type { Stock } from '../house/plan.ts';
import { compiled } from './compiled.ts';
import { sendAllAs, type Ethereum, type Wanted } from './node.ts';

/** Gives the tokens' contracts, whose units are minted to both. */
export async function stockUp(
  call: Ethereum,
  { hot, cold, tokens }: Stock,
  safes: { readonly hot: string; readonly cold: string },
): Promise<readonly Address[]> {
  const held = [
    [safes.hot, hot],
    [safes.cold, cold],
  ] as const;
  await sendAllAs(
    call,
    held.filter(([, units]) => units > 0n).map(([to, value]) => ({ to, data: '0x', value })),
  );
  // An ERC-20 without anything peculiar, which anybody may mint.
  const creation = `0x${compiled('testing', 'PlainToken')}`;
  const made = await sendAllAs(
    call,
    Array.from({ length: tokens }, (): Wanted => ({ to: null, data: creation })),
  );
  const contracts = made.map(({ contract }) => {
    if (contract === null) throw new ChainFailed('a token was not made');
    return checksummed(contract.slice(2).toLowerCase());
  });
  const mint = selectorOf('mint(address,uint256)');
  await sendAllAs(
    call,
    contracts.flatMap((to) =>
      held.map(([safe, units]) => ({ to, data: `0x${mint}${word(safe as Address)}${word(units)}` })),
    ),
  );
  return contracts;
}

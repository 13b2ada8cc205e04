/** A spend that no withdrawal asked for: two stolen keys of the hot account sign what the test wants. */
import { innerHash, type Cosignature, type Multisig, type Transfer } from '@kuramori/chains/nem/codec';
import type { Neighbourhood } from './neighbourhood.ts';

export interface Theft {
  readonly wrapper: Multisig;
  readonly cosignature: Cosignature;
}

export function theft(n: Pick<Neighbourhood, 'people'>, inner: Transfer): Theft {
  const [a, b] = n.people.cosigners;
  const common = {
    network: 'testnet',
    timeStamp: inner.timeStamp,
    deadline: inner.deadline,
    fee: 150_000n,
  } as const;
  const wrapper: Multisig = { ...common, kind: 'multisig', version: 1, signer: a.publicKey, inner };
  const cosignature: Cosignature = {
    ...common,
    kind: 'cosignature',
    version: 1,
    signer: b.publicKey,
    innerHash: innerHash(wrapper),
    multisig: n.people.hot.address,
  };
  return { wrapper, cosignature };
}

/** Announces it whole; gives the wrapper's hash. */
export async function announceTheft(n: Neighbourhood, { wrapper, cosignature }: Theft): Promise<string> {
  const [a, b] = n.people.cosigners;
  const hash = await n.announce(wrapper, a);
  await n.announce(cosignature, b);
  return hash;
}

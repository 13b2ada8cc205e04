/** Registration: what another wallet or device is told once of the wallets of which it has this vault's key, by the policy that this vault has pinned. */
import { registrationOf } from '@kuramori/chains/bitcoin/codec';
import { Misconfigured } from '@kuramori/program';
import { heldText, type Entrusted, type Keys } from '../keystore.ts';
import { readPinned, type Pins } from '../pins.ts';

/** All of it is public. Throws Misconfigured where the policy is not the keepers', or no wallet of it has this key. */
export function registration(keys: Keys | Entrusted, pins: Pins, file: unknown, say: (line: string) => void) {
  const read = readPinned(file, pins);
  if (read.kind === 'refused') throw new Misconfigured(`policy.${read.field}: ${read.why}`);
  const newest = read.chain.at(-1) ?? read.chain[0];
  const { policy, digest } = newest;
  const wallets = policy.wallets.flatMap((wallet) =>
    (wallet.chain === 'bitcoin' || wallet.chain === 'litecoin') &&
    wallet.cosigners.some(({ publicKey }) => publicKey === keys.chainKey)
      ? wallet
      : [],
  );
  if (wallets.length === 0)
    throw new Misconfigured(
      `policy: no wallet of version ${policy.version} on bitcoin or litecoin has this vault’s key, ${'chain' in keys ? 'which is here' : heldText(keys.heldBy)}: bring the version that names it`,
    );
  const registered = wallets.map((wallet) => {
    const made = registrationOf(wallet, policy.network, wallet.id.slice(0, 20));
    if (made.kind === 'refused') throw new Misconfigured(`wallets: ${wallet.id}: ${made.why}`);
    const { firstAddress } = made.registration;
    say(
      `${wallet.id}: its first address is ${firstAddress}. Compare it with what the device shows on its own screen, letter by letter / 最初のアドレスです。機器の画面に表示されるものと一字ずつ照らし合わせてください`,
    );
    return { id: wallet.id, ...made.registration };
  });
  return { policy: { version: policy.version, digest }, wallets: registered };
}

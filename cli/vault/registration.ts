/** `kuramori vault registration`: what another wallet or device is told once of a wallet of which it has a key. All of it is public. */
import { readFileSync } from 'node:fs';
import { registrationOf } from '@kuramori/chains/bitcoin/codec';
import { Misconfigured, reasonOf } from '@kuramori/program';
import { listing, print, refuse } from '../command.ts';
import { readSource } from '../policy/source.ts';

export function showRegistration(
  file: string,
  id: string,
  name: string | null,
  json: boolean,
): Promise<number> {
  const read = readSource(textOf(file));
  if (read.kind === 'refused') {
    const [flaw] = read.flaws;
    throw new Misconfigured(`${file}: ${flaw?.field}: ${flaw?.why}; try it with kuramori policy check`);
  }
  const { policy, digest } = read;
  const wallet = policy.wallets.find((one) => one.id === id);
  if (!wallet || (wallet.chain !== 'bitcoin' && wallet.chain !== 'litecoin'))
    return Promise.resolve(
      refuse(
        `vault registration: ${id} is ${wallet ? `on ${wallet.chain}` : 'no wallet of this policy'}, and wallets of bitcoin and litecoin alone are registered: ${policy.wallets
          .filter(({ chain }) => chain === 'bitcoin' || chain === 'litecoin')
          .map((one) => one.id)
          .join(', ')}`,
      ),
    );
  const made = registrationOf(wallet, policy.network, name ?? id.slice(0, 20));
  if (made.kind === 'refused') return Promise.resolve(refuse(`vault registration: --${made.why}`));
  const { registration } = made;
  if (json) {
    print(JSON.stringify({ policy: digest, wallet: id, ...registration }));
    return Promise.resolve(0);
  }
  const { descriptor, branches, bitcoin, firstAddress } = registration;
  print(
    listing([
      ['policy', `version ${policy.version}, ${digest}`],
      ['descriptor', descriptor],
      ['receives', branches[0]],
      ['change', branches[1]],
      ...(bitcoin
        ? [
            ['policy (BIP 388)', `${bitcoin.policy.name}: ${bitcoin.policy.template}`] as const,
            ...bitcoin.policy.keys.map((key, at) => [`  @${at}`, key] as const),
            ...bitcoin.slip132.map((key, at) => [at === 0 ? 'for Electrum' : '', key] as const),
          ]
        : []),
      ['first address', `${firstAddress}  compare it on the device’s own screen, letter by letter`],
    ]),
  );
  if (bitcoin) print(`\nas a file, for devices that read one:\n\n${bitcoin.file}`);
  return Promise.resolve(0);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Misconfigured(`${file}: ${reasonOf(cause)}`, { cause });
  }
}

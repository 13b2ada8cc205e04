/** Electrum (Debian's package electrum), offline, with a wallet file of its own in a temporary folder. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HDKey } from '@scure/bip32';
import { descriptorOf, registrationOf } from '../codec/index.ts';
import type { Held } from '../codec/testing/wallet.ts';

/** Whether the machine has it. `.ci/run` installs it, and demands it by KURAMORI_REQUIRE_ELECTRUM. */
export const hasElectrum = (): boolean => {
  const there = spawnSync('electrum', ['--offline', 'version'], { stdio: 'ignore' }).status === 0;
  if (!there && process.env['KURAMORI_REQUIRE_ELECTRUM'] === '1')
    throw new Error('electrum is required and not here: apt-get install electrum');
  return there;
};

export interface Electrum extends Disposable {
  /** A command that has a wallet; what it prints. Nothing is asked of any network. */
  readonly run: (command: string, ...params: readonly string[]) => Promise<string>;
}

/**
 * A multisig wallet of a regtest, as Electrum keeps one: all the public keys as we register them, and of one the private key.
 * `seed`: the byte that fills its secret (testing/wallet.ts). `origins`: whether it is told where each key comes from, as a device or a
 * file tells it; whoever pastes keys into it tells the keys alone.
 */
export function electrumWith(
  { wallet, network }: Held,
  mine: number,
  seed: number,
  origins = true,
): Electrum {
  const folder = mkdtempSync(join(tmpdir(), 'kuramori-electrum-'));
  const file = join(folder, 'wallet');
  const run = async (command: string, ...params: readonly string[]): Promise<string> => {
    const options = ['--offline', '--regtest', '--dir', folder, '--wallet', file];
    const { stdout } = await promisify(execFile)('electrum', [command, ...options, ...params], {
      maxBuffer: 2 ** 24,
    });
    return stdout.trim();
  };
  const registering = registrationOf(wallet, network, 'kuramori');
  if (registering.kind === 'refused') throw new Error(registering.why);
  const { threshold, keys } = descriptorOf(wallet);
  const keystores = keys.map(({ fingerprint }, at) => [
    `x${at + 1}/`,
    {
      type: 'bip32',
      pw_hash_version: 1,
      xpub: registering.registration.bitcoin?.slip132[at],
      xprv: at === mine ? privateText(seed) : null,
      derivation: origins ? path : null,
      root_fingerprint: origins ? fingerprint.toString(16).padStart(8, '0') : null,
    },
  ]);
  const content = {
    wallet_type: `${threshold}of${keys.length}`,
    seed_version: 50,
    use_encryption: false,
    ...Object.fromEntries(keystores),
  };
  writeFileSync(file, JSON.stringify(content));
  return { run, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** BIP 48, as our keys of a regtest have it. */
const path = "m/48'/1'/0'/2'";

/** SLIP 132: Vprv. */
function privateText(seed: number): string {
  const master = HDKey.fromMasterSeed(new Uint8Array(32).fill(seed), {
    private: 0x02575048,
    public: 0x02575483,
  });
  return master.derive(path).privateExtendedKey;
}

/**
 * A vault whose chain key is in somebody else's wallet (Electrum), or in an HSM (SoftHSM): nothing is asked of it before the vault's
 * journal has it, and what comes back is used only where it is just that.
 */
import { spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { coinOn, formatAmount, intentDigest, policyDigest, type Wallet } from '@kuramori/core';
import { jsonText, readJson } from '@kuramori/program';
import { codecOf } from '@kuramori/chains/codecs';
import { combine, planPayments, type Planned } from '@kuramori/chains/bitcoin/codec';
import { fundedBy, meansOf } from '../../chains/bitcoin/codec/testing/coins.ts';
import { changed, signedByDevice } from '../../chains/bitcoin/codec/testing/device.ts';
import { mustPlan, shareFor } from '../../chains/bitcoin/codec/testing/signed.ts';
import { heldWallet } from '../../chains/bitcoin/codec/testing/wallet.ts';
import { electrumWith, hasElectrum } from '../../chains/bitcoin/testing/electrum.ts';
import { ownerNamed, owners, paymentOf, walletAt } from '../../chains/ethereum/codec/house.testing.ts';
import { keyNamed } from '../../core/testing/house.ts';
import { coldHouse, refillOrder, type Cold } from '../../signers/testing/cold-order.ts';
import type { OrderRequest } from '../../signers/vault/order.ts';
import { policyFile } from '../../signers/testing/program.ts';
import { hasSoftHsm, softHsm, type SoftHsm } from '../../signers/testing/softhsm.ts';
import { root } from '../command.ts';

const base = mkdtempSync(join(tmpdir(), 'kuramori-elsewhere-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const present = ['--present', 'Aoi', '--present', 'Ren'];

function kuramori(input: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'cli', 'main.ts'), ...args], {
    encoding: 'utf8',
    cwd: base,
    input,
    env: { PATH: '/usr/bin:/bin', NODE_NO_WARNINGS: '1' },
  });
  return { code: status, out: stdout, err: stderr };
}

function done(...args: readonly string[]): string {
  const { code, out, err } = kuramori('', ...args);
  if (code !== 0) throw new Error(`${args.join(' ')}: ${out} ${err}`);
  return out;
}

/** A vault of `held`, which is told of its keys and pins the policy of the wallet that it makes; both in `folder`. */
function vaultFor(
  folder: string,
  held: readonly string[],
  house: (recordKey: string, chainKey: string) => Cold,
): Cold & { readonly digest: string } {
  const made = JSON.parse(done('signer', 'create', folder, ...held, ...present, '--json')) as {
    readonly recordKey: string;
    readonly chainKey: string;
  };
  const cold = house(made.recordKey, made.chainKey);
  const digest = policyDigest(cold.policy);
  writeFileSync(`${folder}.policy`, policyFile(cold.policy));
  done('signer', 'pin', folder, `${folder}.policy`, '--confirm', digest, ...present);
  return { ...cold, digest };
}

/** What approvers read to whoever watches: of the intent. */
const digestOf = ({ order }: OrderRequest) => {
  const [part] = order.ask.intents;
  return part ? intentDigest(part.intent).slice(0, 20) : '';
};

const entriesIn = (folder: string) => {
  const file = join(folder, 'journal.jsonl');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').filter(Boolean).length : 0;
};

describe('in another wallet or device', () => {
  const folder = join(base, 'wallet-vault');
  const held = heldWallet(2, [1, 2, 3], 'bitcoin', 'devnet');
  const hot = heldWallet(2, [4, 5, 6], 'bitcoin', 'devnet').wallet;
  const [own, second] = held.keys;
  const { coins, previous } = fundedBy(held, [3_000_000n, 4_000_000n, 5_000_000n]);
  const amount = 11_000_000n;
  const order = join(base, 'btc.order');
  let cold: Cold;
  let planned: Planned;
  let typed: string;
  beforeAll(() => {
    const on = ['--chain', 'bitcoin', '--network', 'devnet'];
    cold = vaultFor(folder, [...on, '--key-in-wallet', own?.described ?? ''], (recordKey) =>
      coldHouse(held.wallet, hot, recordKey),
    );
    const means = { ...meansOf({ ...held, wallet: held.wallet }, coins), lockTime: 0 };
    planned = mustPlan(planPayments({ ...means, payments: [{ address: cold.hot.address, units: amount }] }));
    const carried = refillOrder(cold, JSON.parse(policyFile(cold.policy)), {
      amount,
      feeCap: 1_000_000n,
      balance: 12_000_000n,
      planOf: () => planned.plan,
      previous,
    });
    writeFileSync(order, jsonText(carried));
    typed = `${formatAmount(amount, coinOn('bitcoin'))} ${cold.hot.address.slice(-6)}\n${digestOf(carried)}\n`;
  }, 30_000);

  const sign = (input: string, ...more: readonly string[]) =>
    kuramori(input, 'vault', 'sign', folder, order, ...present, ...more);
  const toSign = () => readdirSync(join(folder, 'to-sign')).map((name) => join(folder, 'to-sign', name));
  const given = (bytes: Uint8Array) => {
    const file = join(base, 'back.psbt');
    writeFileSync(file, bytes);
    return ['--signed', file] as const;
  };
  const asked = () => readFileSync(toSign()[0] ?? '');

  it('its folder holds no chain key: it has no words', () => {
    const args = ['words', folder, base, '--although-together'];
    expect(kuramori('', 'signer', ...args, ...present)).toMatchObject({
      code: 1,
      err: expect.stringContaining('the chain key is not in it, but in another wallet or device') as string,
    });
    expect(readFileSync(join(folder, 'ceremony.jsonl'), 'utf8').trim().split('\n').at(-1)).toMatch(
      /"step":"words"/,
    );
  });

  it('nothing is asked of it before one typed what they saw, and another what they were told', () => {
    const [seen = ''] = typed.split('\n');
    expect(sign(`${seen}\n${'0'.repeat(20)}\n`)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(
        /Ren: type the first 20 digits.*is not the digest of this intent: nothing is signed/s,
      ) as string,
    });
    expect(entriesIn(folder)).toBe(0);
    expect(existsSync(join(folder, 'to-sign'))).toBe(false);
  });

  it('who writes the digest beside the order, for whoever watches to type, is told of', () => {
    const digest = typed.split('\n')[1] ?? '';
    const claims = [{ what: 'intent', value: digest.replaceAll(/(.{4})/g, '$1 ') }];
    const told = `${order}.told`;
    writeFileSync(told, jsonText({ ...(readJson(order) as object), claims }));
    expect(kuramori(typed, 'vault', 'sign', folder, told, ...present)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/claims: tell the intent’s digest/) as string,
    });
    expect(entriesIn(folder)).toBe(0);
  });

  it('is asked by a PSBT, once the journal has it; no answer is no success', () => {
    const page = join(base, 'to-sign.html');
    expect(sign(typed, '--page', page)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/recorded, and not signed yet: .*--signed/) as string,
    });
    expect(entriesIn(folder)).toBe(2);
    expect(toSign()).toHaveLength(1);
    // Recorded is not signed: whoever brings it again without an answer is asked again.
    expect(sign('')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/Recorded before, and not signed yet.*nothing is signed/s) as string,
    });
    expect(asked().subarray(0, 5).toHex()).toBe('70736274ff');
    expect(readFileSync(page, 'utf8')).toContain('<svg');
  });

  it.each([
    [
      'another transaction than was recorded',
      () =>
        signedByDevice(
          changed(asked(), ({ global }) => {
            for (const output of global.unsignedTx?.outputs ?? [])
              if (output.amount === amount) output.script = Uint8Array.of(0, 20, ...new Uint8Array(20));
          }),
          1,
        ),
      /is of another transaction than the plan: output \d pays to another address/,
    ],
    ['another key of the wallet', () => signedByDevice(asked(), 2), /input 0 is not signed by this key/],
  ])('brings back %s: refused, nothing is kept', (_, made, why) => {
    expect(sign('', ...given(made()))).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(why) as string,
    });
    expect(existsSync(join(folder, 'signed'))).toBe(false);
    expect(entriesIn(folder)).toBe(2);
  });

  const accepted = (signature: string) => {
    expect(second).toBeDefined();
    const both = new Map([
      [own?.publicKey ?? '', signature],
      [second?.publicKey ?? '', second?.sign(planned.plan, shareFor(planned, second.publicKey)) ?? ''],
    ]);
    return combine(cold.cold as typeof held.wallet, planned.plan, both).kind;
  };

  it('its signature goes back with the journal, and is kept: another answer later changes nothing', async () => {
    let first = signedByDevice(asked(), 1);
    if (hasElectrum()) {
      using electrum = electrumWith(held, 0, 1);
      first = Uint8Array.fromBase64(await electrum.run('signtransaction', asked().toBase64()));
    }
    const { code, out, err } = sign('', ...given(first));
    expect({ code, err }).toMatchObject({ code: 0 });
    const answer = JSON.parse(out) as { readonly signature: string; readonly entries: readonly unknown[] };
    expect(accepted(answer.signature)).toBe('transaction');
    expect(answer.entries).toMatchObject([
      { record: { entry: { body: { kind: 'payment' } } } },
      { record: { entry: { body: { kind: 'ceremony', ceremony: { entry: { present: ['Aoi', 'Ren'] } } } } } },
    ]);
    const others = signedByDevice(asked(), 1);
    expect(JSON.parse(sign('', ...given(others)).out)).toEqual(answer);
    expect(JSON.parse(sign('').out)).toEqual(answer);
  }, 120_000);

  it('what was kept and changed since is told, and not given', () => {
    const [name = ''] = readdirSync(join(folder, 'signed'));
    writeFileSync(join(folder, 'signed', name), '00'.repeat(64 * 3));
    expect(sign('')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/is not the signature that was kept there/) as string,
    });
  });

  it('a wallet is told of itself by the policy that the vault has pinned, and by no other', () => {
    const { wallets } = JSON.parse(done('vault', 'registration', folder, `${folder}.policy`)) as {
      readonly wallets: readonly object[];
    };
    expect(wallets).toMatchObject([
      { id: cold.cold.id, descriptor: held.wallet.descriptor, firstAddress: cold.cold.address },
    ]);
    // The same wallet by keepers of his own, with a key of his own.
    const thiefs = { ...cold.policy, issued: cold.policy.issued + 1 };
    writeFileSync(`${folder}.thiefs`, policyFile(thiefs, [keyNamed('thief 1'), keyNamed('thief 2')]));
    expect(kuramori('', 'vault', 'registration', folder, `${folder}.thiefs`)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/policy\./) as string,
    });
  });

  it('is not made of a key of another network, and no folder stays', () => {
    const other = join(base, 'other-vault');
    const key = heldWallet(1, [1], 'bitcoin', 'mainnet').keys[0]?.described ?? '';
    const args = ['--chain', 'bitcoin', '--network', 'devnet', '--key-in-wallet', key];
    expect(kuramori('', 'signer', 'create', other, ...args, ...present)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/--key-in-wallet: is a key of another network than devnet/) as string,
    });
    expect(existsSync(other)).toBe(false);
  });
});

describe.skipIf(!hasSoftHsm())('in an HSM (SoftHSM)', () => {
  const folder = join(base, 'hsm-vault');
  const order = join(base, 'eth.order');
  let hsm: SoftHsm;
  let child: ChildProcess;
  let cold: Cold;
  let wallet: Wallet;
  let typed: string;
  beforeAll(async () => {
    hsm = softHsm();
    hsm.make('secp256k1', 'cold-1');
    hsm.make('secp256k1', 'other-1');
    ({ child } = await hsm.start());
    const on = ['--chain', 'ethereum', '--network', 'devnet'];
    const held = [...on, '--key-in-hsm', 'cold-1', '--hsm', hsm.socket];
    const online = ['online 1', 'online 2', 'online 3'].map(ownerNamed);
    const hot = walletAt('0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359', 2, online);
    cold = vaultFor(folder, held, (recordKey, chainKey) => {
      const keys = [{ publicKey: chainKey }, ...owners.slice(1)] as typeof owners;
      return coldHouse(walletAt('0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', 2, keys), hot, recordKey);
    });
    wallet = cold.cold;
    const amount = 5n * 10n ** 18n;
    const carried = refillOrder(cold, JSON.parse(policyFile(cold.policy)), {
      amount,
      feeCap: 0n,
      balance: 9n * 10n ** 18n,
      planOf: ({ address, asset }) =>
        paymentOf({
          wallet: wallet,
          asset,
          units: amount,
          recipient: address,
          keys: wallet.cosigners.slice(0, 2).map(({ publicKey }) => publicKey),
        }).plan,
    });
    writeFileSync(order, jsonText(carried));
    typed = `5 ${cold.hot.address.slice(-6)}\n${digestOf(carried)}\n`;
  }, 30_000);
  afterAll(() => {
    child?.kill();
    hsm?.[Symbol.dispose]();
  });

  const sign = (input: string, ...more: readonly string[]) =>
    kuramori(input, 'vault', 'sign', folder, order, ...present, ...more);

  it('records nothing where its process is not named, or not there', () => {
    expect(sign(typed)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/--hsm: names no socket/) as string,
    });
    expect(entriesIn(folder)).toBe(0);
  });

  it('what the journal has, and the HSM never signed, is typed all the same', () => {
    // Its process dies after the journal is written: the socket is there, and nobody behind it.
    expect(sign(typed, '--hsm', join(base, 'nobody'))).toMatchObject({ code: 1, out: '' });
    expect(entriesIn(folder)).toBe(2);
    expect(sign('', '--hsm', hsm.socket)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/Recorded before, and not signed yet.*nothing is signed/s) as string,
    });
    expect(existsSync(join(folder, 'signed'))).toBe(false);
  });

  it('signs what was recorded, the same again, and a Safe takes it', () => {
    const { code, out, err } = sign(typed, '--hsm', hsm.socket);
    expect({ code, err }).toMatchObject({ code: 0 });
    const answer = JSON.parse(out) as {
      readonly signature: string;
      readonly share: string;
      readonly key: string;
    };
    const { plan } = (JSON.parse(readFileSync(order, 'utf8')) as { order: { ask: { plan: string } } }).order
      .ask;
    const { verifyShare } = codecOf('ethereum');
    expect(verifyShare(wallet.cosigners[0]?.publicKey ?? '', plan, answer.share, answer.signature)).toBe(
      true,
    );
    // SoftHSM draws its nonces: the same signature can only be the one that was kept.
    expect(JSON.parse(sign('', '--hsm', hsm.socket).out)).toEqual(answer);
  });

  it('whose key was exchanged under its name signs nothing', () => {
    const [name = ''] = readdirSync(join(folder, 'signed'));
    rmSync(join(folder, 'signed', name));
    const file = join(folder, 'keystore.json');
    const before = readFileSync(file, 'utf8');
    // Who has the folder points it at another key: the header is sealed with the record key.
    writeFileSync(file, before.replace('"cold-1"', '"other-1"'));
    expect(sign('', '--hsm', hsm.socket)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/the file was altered/) as string,
    });
    writeFileSync(file, before);
  });

  it('opens a network to nothing else: not to a conversion, nor to keys that are here', () => {
    const conversion = kuramori('', 'vault', 'convert', folder, order, '--hsm', hsm.socket);
    const here = kuramori(
      '',
      'vault',
      'sign',
      join(base, 'wallet-vault'),
      order,
      ...present,
      '--hsm',
      hsm.socket,
    );
    for (const tried of [conversion, here])
      expect(tried).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringMatching(/--hsm: is for sign and rotate, where the chain key/) as string,
      });
  });

  it('a backup of the folder brings it back, and no chain key', () => {
    const [backup, again] = [join(base, 'hsm-backup'), join(base, 'hsm-again')];
    done('signer', 'back-up', folder, backup, ...present);
    done('signer', 'restore', backup, again, '--passphrase', join(folder, 'passphrase'), ...present);
    const answer = kuramori(typed, 'vault', 'journal', again, `${folder}.policy`);
    expect(answer).toMatchObject({ code: 0 });
    expect(JSON.parse(answer.out)).toMatchObject({ vault: 'vault-1', entries: [] });
  });

  it('is no place for a key of Bitcoin', () => {
    const other = join(base, 'other-hsm');
    const args = ['--chain', 'bitcoin', '--network', 'devnet', '--key-in-hsm', 'cold-1', '--hsm', hsm.socket];
    expect(kuramori('', 'signer', 'create', other, ...args, ...present)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/an HSM signs for Safes on EVM chains, and this is bitcoin/) as string,
    });
    expect(existsSync(other)).toBe(false);
  });
});

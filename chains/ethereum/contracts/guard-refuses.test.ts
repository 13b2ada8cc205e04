/** Whatever enough owners were made to sign: the codec signs none of it, and if they had, our guard lets none of it through. The same Safe without it does as it is told. */
import { ETH, type EthereumWallet } from '@kuramori/core';
import {
  encodeFunctionData,
  getAddress,
  parseAbi,
  parseEther,
  toFunctionSelector,
  type Abi,
  type Hex,
} from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { customer, made, owners, secretNamed } from '../codec/house.testing.ts';
import {
  encodeExecution,
  encodePlan,
  ethereum,
  guardKeysOf,
  guardOf,
  planPayment,
  safeHash,
  shareOf,
  type Address,
  type Bound,
  type SafeTx,
} from '../codec/index.ts';
import { ethSignHash } from '../codec/signature.ts';
import { signHash } from '../codec/signing.ts';
import { startAnvil, type Anvil } from '../testing/anvil.ts';
import {
  ascending,
  boundOf,
  deploySafe,
  deploySafes,
  ours,
  safeAbi,
  signedBlindly,
  type Safes,
} from '../testing/house.ts';

const stolen = ['owner 1', 'owner 2'].map(secretNamed);
const thief = getAddress('0x000000000000000000000000000000000badf00d');
const zero = '0x0000000000000000000000000000000000000000' as Address;

const calls: Abi = parseAbi([
  'function approve(address spender, uint256 units)',
  'function increaseAllowance(address spender, uint256 units)',
  'function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)',
  'function transferFrom(address from, address to, uint256 units)',
  'function multiSend(bytes transactions)',
  'function transfer(address to, uint256 units)',
  'function addOwnerWithThreshold(address owner, uint256 threshold)',
  'function removeOwner(address previous, address owner, uint256 threshold)',
  'function changeThreshold(uint256 threshold)',
  'function enableModule(address module)',
  'function disableModule(address previous, address module)',
  'function setGuard(address guard)',
  'function setModuleGuard(address guard)',
  'function setFallbackHandler(address handler)',
  'function approveHash(bytes32 hash)',
  'function take(address safe, address to, uint256 units)',
  'function mint(address to, uint256 units)',
]);

let chain: Anvil;
let safes: Safes;
let token: Hex;
beforeAll(async () => {
  chain = await startAnvil();
  safes = await deploySafes(chain);
  token = await chain.deploy(ours('PlainToken'));
});
afterAll(() => chain[Symbol.asyncDispose]());

async function safe(guarded: boolean): Promise<EthereumWallet> {
  const wallet = await deploySafe(chain, safes, { guarded });
  await chain.client.setBalance({ address: at(wallet), value: parseEther('10') });
  await chain.send(token, data('mint', [wallet.address, 100n]));
  return wallet;
}

const at = ({ address }: EthereumWallet) => address as Hex;
const data = (functionName: string, args: readonly unknown[]): Hex =>
  encodeFunctionData({ abi: calls, functionName, args });

/** A transaction of the Safe's as nobody here would plan it. */
function hostile(wallet: EthereumWallet, tx: Partial<SafeTx>): Bound {
  const fields = { to: wallet.address as Address, value: 0n, data: '', operation: 0, nonce: 0n } as const;
  const gas = { safeTxGas: 0n, baseGas: 0n, gasPrice: 0n, gasToken: zero, refundReceiver: zero };
  return { chainId: 31_337n, safe: wallet.address as Address, tx: { ...fields, ...gas, ...tx } };
}

const call = (functionName: string, args: readonly unknown[]) => ({
  data: data(functionName, args).slice(2),
});
const onToken = (functionName: string, args: readonly unknown[]) => ({
  to: getAddress(token) as string as Address,
  ...call(functionName, args),
});

/** What is asked; the word by which the codec refuses it; the error by which the guard does. */
const forbidden: readonly (readonly [string, () => Partial<SafeTx>, string, string])[] = [
  ['approve', () => onToken('approve', [thief, 100n]), 'approve', 'CallRefused(bytes4)'],
  [
    'a function that nobody knows',
    () => onToken('mint', [thief, 1n]),
    'an unknown function (0x40c10f19)',
    'CallRefused(bytes4)',
  ],
  [
    'addOwnerWithThreshold',
    () => call('addOwnerWithThreshold', [thief, 1n]),
    'addOwnerWithThreshold',
    'OwnAffairsRefused(bytes4)',
  ],
  [
    'removeOwner',
    () => call('removeOwner', ['0x0000000000000000000000000000000000000001', owners[0]?.publicKey, 1n]),
    'removeOwner',
    'OwnAffairsRefused(bytes4)',
  ],
  ['changeThreshold', () => call('changeThreshold', [1n]), 'changeThreshold', 'OwnAffairsRefused(bytes4)'],
  ['enableModule', () => call('enableModule', [thief]), 'enableModule', 'OwnAffairsRefused(bytes4)'],
  ['setGuard', () => call('setGuard', [zero]), 'setGuard', 'OwnAffairsRefused(bytes4)'],
  ['setModuleGuard', () => call('setModuleGuard', [zero]), 'setModuleGuard', 'OwnAffairsRefused(bytes4)'],
  [
    'setFallbackHandler',
    () => call('setFallbackHandler', [thief]),
    'setFallbackHandler',
    'OwnAffairsRefused(bytes4)',
  ],
  [
    'a delegatecall',
    () => ({ ...onToken('mint', [thief, 1n]), operation: 1 }),
    'operation: a delegatecall',
    'DelegateCallRefused(uint8)',
  ],
  [
    'a refund in coins to somebody',
    () => ({
      to: customer as Address,
      value: 1n,
      baseGas: 10n ** 6n,
      gasPrice: 1n,
      refundReceiver: thief as string as Address,
    }),
    'baseGas',
    'RefundRefused()',
  ],
  [
    'a refund in a token',
    () => ({
      to: customer as Address,
      value: 1n,
      baseGas: 10n,
      gasPrice: 0n,
      gasToken: getAddress(token) as string as Address,
    }),
    'baseGas',
    'RefundRefused()',
  ],
  [
    'gas set aside, with which a failure would use up the nonce',
    () => ({ to: customer as Address, value: 1n, safeTxGas: 1n }),
    'safeTxGas',
    'RefundRefused()',
  ],
];

describe('signed by enough owners, and refused all the same', () => {
  it.each(forbidden)('%s', async (_, tx, word, error) => {
    const guarded = await safe(true);
    const bound = hostile(guarded, tx());
    const owner = owners[0]?.publicKey as Address;
    const [plan, share] = [encodePlan(bound), shareOf(bound, owner)];
    const explained = ethereum.explainShare(guarded, plan, share, 'devnet');
    expect(explained).toMatchObject({ kind: 'refused', why: expect.stringContaining(word) });
    expect(() => owners[0]?.sign(plan, share)).toThrow(word);

    const refused = await chain.send(at(guarded), signedBlindly(bound, stolen));
    expect(refused.ok).toBe(false);
    expect(refused.why).toContain(toFunctionSelector(error));
    // Planted: it is the guard that refuses, and nothing else.
    const bare = await safe(false);
    expect(await chain.send(at(bare), signedBlindly(hostile(bare, tx()), stolen))).toMatchObject({
      ok: true,
    });
  });

  it('calls of which one word is too much or too little', async () => {
    const guarded = await safe(true);
    for (const [tx, error] of [
      [
        { ...onToken('transfer', [thief, 1n]), data: `${onToken('transfer', [thief, 1n]).data}00` },
        'CallRefused(bytes4)',
      ],
      [{ to: getAddress(token) as string as Address, data: 'a9059c' }, 'CallRefused(bytes4)'],
      [{ ...onToken('transfer', [thief, 1n]), value: 1n }, 'CoinsWithCallRefused()'],
    ] as const) {
      const refused = await chain.send(at(guarded), signedBlindly(hostile(guarded, tx), stolen));
      expect(refused.why).toContain(toFunctionSelector(error));
    }
  });
});

describe('agreement without a signature over the hash', () => {
  const payment = (wallet: EthereumWallet) => hostile(wallet, { to: customer as Address, value: 1n });
  const execution = (bound: Bound, parts: ReadonlyMap<string, string>): Hex =>
    `0x${encodeExecution({ tx: bound.tx, signatures: ascending(parts).join('') })}`;

  const ways: readonly (readonly [string, (bound: Bound, wallet: EthereumWallet) => Promise<Hex>])[] = [
    [
      'hashes approved on the chain',
      async (bound, wallet) => {
        const parts = new Map<string, string>();
        for (const { publicKey } of owners.slice(0, 2)) {
          const owner = getAddress(publicKey);
          await chain.client.setBalance({ address: owner, value: parseEther('1') });
          await chain.client.impersonateAccount({ address: owner });
          const hash = await chain.client.sendTransaction({
            account: owner,
            to: at(wallet),
            data: data('approveHash', [`0x${safeHash(bound)}`]),
          });
          await chain.client.waitForTransactionReceipt({ hash });
          parts.set(publicKey, `${publicKey.slice(2).toLowerCase().padStart(64, '0')}${'0'.repeat(64)}01`);
        }
        return execution(bound, parts);
      },
    ],
    [
      'eth_sign',
      (bound) => {
        const hash = Uint8Array.fromHex(ethSignHash(safeHash(bound)));
        const parts = stolen.map((secret, index) => {
          const { rs, recovery } = signHash(secret, hash);
          return [owners[index]?.publicKey ?? '', rs + (31 + recovery).toString(16)] as const;
        });
        return Promise.resolve(execution(bound, new Map(parts)));
      },
    ],
  ];

  it.each(ways)('%s: refused, and a Safe without the guard takes it', async (_, sign) => {
    const [guarded, bare] = [await safe(true), await safe(false)];
    const refused = await chain.send(at(guarded), await sign(payment(guarded), guarded));
    expect(refused.ok).toBe(false);
    expect(refused.why).toContain(toFunctionSelector('SignatureRefused(uint256)'));
    expect(await chain.send(at(bare), await sign(payment(bare), bare))).toMatchObject({ ok: true });
  });
});

describe('a module', () => {
  it('takes what it wants from a Safe without the guard, and nothing once it is there', async () => {
    const wallet = await safe(false);
    const module = await chain.deploy(ours('ThievingModule'));
    const next = async (tx: Partial<SafeTx>) => {
      const nonce = await chain.client.readContract({
        abi: safeAbi,
        address: at(wallet),
        functionName: 'nonce',
      });
      return chain.send(at(wallet), signedBlindly(hostile(wallet, { ...tx, nonce }), stolen));
    };
    await chain.client.setBalance({ address: thief, value: 0n });
    expect(await next(call('enableModule', [module]))).toMatchObject({ ok: true });
    expect(await chain.send(module, data('take', [wallet.address, thief, 5n]))).toMatchObject({ ok: true });
    expect(await chain.client.getBalance({ address: thief })).toBe(5n);
    expect(await next(call('setModuleGuard', [safes.guard]))).toMatchObject({ ok: true });
    expect(await chain.send(module, data('take', [wallet.address, thief, 5n]))).toMatchObject({ ok: false });
    expect(await chain.client.getBalance({ address: thief })).toBe(5n);
  });
});

describe('a permit in the Safe’s name', () => {
  it('cannot be had: it has no fallback handler, so it answers nothing to EIP-1271', async () => {
    const wallet = await safe(true);
    const abi = parseAbi(['function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)']);
    const args = [`0x${'11'.repeat(32)}`, '0x'] as const;
    const question = encodeFunctionData({ abi, functionName: 'isValidSignature', args });
    expect(await chain.client.call({ to: at(wallet), data: question })).toEqual({ data: undefined });
  });
});

describe('what the house does is let through', () => {
  it('and a Safe has the guard, and the module guard, from its first block', async () => {
    const wallet = await safe(true);
    // GuardManager.sol, ModuleManager.sol: keccak256 of guard_manager.guard.address, module_manager.module_guard.address.
    for (const slot of [
      '0x4a204f620c8c5ccdca3fd54d003badd85ba500436a431f0cbda4f558c93c34c8',
      '0xb104e0b93118902c651344349b610029d694cfdec91c589c91ebafbcd0289947',
    ] as const) {
      const there = await chain.client.getStorageAt({ address: at(wallet), slot });
      expect(getAddress(`0x${there?.slice(26)}`)).toBe(guardOf(guardKeysOf(wallet)));
    }
    const keys = owners.slice(0, 2).map(({ publicKey }) => publicKey);
    const planned = made(
      planPayment({ wallet, network: 'devnet', nonce: 0n, keys, asset: ETH, recipient: customer, units: 3n }),
    );
    expect(await chain.send(at(wallet), signedBlindly(boundOf(planned), stolen))).toMatchObject({ ok: true });
  });
});

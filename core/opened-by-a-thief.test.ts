/** What leaves a cold wallet: only what people approved, to our own, within the vaults' own limits; whoever asks, and with whatever keys. */
import { describe, expect, it } from 'vitest';
import {
  chainOf,
  emptyHistory,
  extend,
  entryHash,
  moveIntent,
  policyDigest,
  soundness,
  treasuryId,
  writtenBy,
  XEM,
  type Asset,
  type History,
  type Policy,
} from './index.ts';
import { judge } from './judge.ts';
import { keyNamed, now, paymentCase, requestFor, thief, xem } from './testing/house.ts';
import {
  approvedBy,
  approvers,
  coldRule,
  factOf,
  orderCase,
  policy,
  refill,
  type Changes,
} from './testing/vaults.ts';

function why(change: Changes = {}): string {
  const { order, chain, history, read } = orderCase(change);
  const written = writtenBy(order, chain, history, read);
  return written.kind === 'refused' ? written.why : written.kind;
}

/** The journal after it. */
function after(change: Changes = {}): History {
  const { order, chain, history, read } = orderCase(change);
  const written = writtenBy(order, chain, history, read);
  if (written.kind === 'refused') throw new Error(`${written.why}: ${written.detail}`);
  return written.entries.reduce((before, entry) => {
    const extended = extend(before, entry);
    if (extended.kind === 'refused') throw new Error(extended.why);
    return extended.history;
  }, history);
}

describe('an order that is right', () => {
  it('is written, as entry 1 of an empty journal, by the rule', () => {
    const { order, chain, history, read } = orderCase();
    const written = writtenBy(order, chain, history, read);
    expect(written).toMatchObject({
      kind: 'written',
      at: now,
      entries: [{ signer: 'vault-1', seq: 1, at: now, grounds: ['cold rule cold nem:xem'] }],
    });
    // Whoever derives it from the same has the same entry: nobody hands one around.
    expect(writtenBy(order, chain, emptyHistory(), read)).toEqual(written);
  });
});

describe('a thief with custody, and the exchange’s keys', () => {
  it.each<[string, Changes, string]>([
    [
      'sends it to his own address',
      { intent: refill({ destination: { address: 'THIEF', memo: 'refill 1' } }) },
      'destination-not-pinned',
    ],
    [
      'sends it to a wallet of the house that the rule does not name',
      { intent: refill({ destination: { address: 'COLD', memo: 'refill 1' } }) },
      'destination-not-pinned',
    ],
    [
      'gives the text another number',
      { intent: refill({ destination: { address: 'HOT', memo: 'refill 2' } }) },
      'intent-altered',
    ],
    [
      'calls it a move',
      { intent: refill({ reason: 'move', id: treasuryId('move', 'cold', 1) }) },
      'intent-altered',
    ],
    [
      'calls it a sweep',
      { intent: refill({ reason: 'sweep', id: treasuryId('sweep', 'cold', 1) }) },
      'intent-altered',
    ],
    ['uses a number that is not its own', { number: 2 }, 'intent-altered'],
    [
      'raises the amount that people approved',
      { intent: refill({ amount: xem('2000') }), approvals: approvedBy(refill()) },
      'approvals-below-quorum',
    ],
    [
      'has one approver',
      { approvals: approvedBy(refill(), approvers.slice(0, 1)) },
      'approvals-below-quorum',
    ],
    [
      'has one approver twice',
      {
        approvals: [
          ...approvedBy(refill(), approvers.slice(0, 1)),
          ...approvedBy(refill(), approvers.slice(0, 1)),
        ],
      },
      'approvals-below-quorum',
    ],
    [
      'approves it himself',
      { approvals: approvedBy(refill(), [thief, keyNamed('another')]) },
      'approvals-below-quorum',
    ],
    [
      'has the bytes pay somebody else',
      { spend: { outputs: [{ address: 'THIEF', memo: 'refill 1', asset: XEM, units: xem('1000') }] } },
      'output-without-intent',
    ],
    [
      'has the bytes pay somebody beside',
      {
        spend: {
          outputs: [
            { address: 'HOT', memo: 'refill 1', asset: XEM, units: xem('1000') },
            { address: 'THIEF', memo: '', asset: XEM, units: 1n },
          ],
        },
      },
      'output-without-intent',
    ],
    ['burns it as a fee', { spend: { fees: xem('1.000001') } }, 'fee-over-cap'],
    [
      'has people approve a high fee',
      { intent: refill({ feeCap: xem('100') }), spend: { fees: xem('3') } },
      'fee-over-cap',
    ],
    ['spends another wallet', { spend: { from: 'HOT' } }, 'spends-another-account'],
    ['asks another vault’s key', { spend: { signer: 'd2' } }, 'signs-with-another-key'],
    ['asks a vault that has no key of it', { order: { vault: 'vault-9' } }, 'unknown-wallet'],
    ['asks an online signer', { order: { vault: 'signer-1' } }, 'unknown-wallet'],
    [
      'lets the transaction live longer than the intent',
      { spend: { validUntil: refill().expiry + 1 } },
      'outlives-intent',
    ],
    [
      'moves what no rule names',
      {
        intent: refill({ asset: 'nem:other:token' as Asset }),
        facts: [factOf(emptyHistory(), { balance: { asset: 'nem:other:token' as Asset, units: 1n } })],
      },
      'no-rule',
    ],
    [
      'moves more than is there',
      { facts: [factOf(emptyHistory(), { balance: { asset: XEM, units: xem('1000.5') } })] },
      'over-balance',
    ],
    ['plans it for a later day', { spend: { validUntil: now / 1000 + 25 * 3600 } }, 'outlives-order'],
    [
      'has it approved for ever',
      { intent: refill({ expiry: now / 1000 + 31 * 24 * 3600 }) },
      'outlives-order',
    ],
    ['moves nothing', { intent: refill({ amount: 0n }) }, 'no-rule'],
    ['moves more than one may be', { intent: refill({ amount: xem('20000.000001') }) }, 'over-payment-limit'],
    [
      'asks by an exchange’s request',
      {
        ask: {
          intents: [
            {
              intent: refill(),
              authority: { kind: 'exchange-request', request: requestFor() },
              approvals: approvedBy(refill()),
            },
          ],
        },
      },
      'authority-request',
    ],
    [
      'puts two into one',
      {
        ask: {
          intents: [1, 2].map((number) => ({
            intent: refill({}, number),
            authority: { kind: 'treasury' as const, number },
            approvals: approvedBy(refill({}, number)),
          })),
        },
      },
      'several-moves',
    ],
  ])('%s', (_, change, expected) => {
    expect(why(change)).toBe(expected);
  });

  it('has a hot wallet’s payment signed by a vault, or a cold wallet’s by nobody’s word', () => {
    const judged = judge({ ...paymentCase(), policy, signer: 'vault-1' });
    expect(judged).toMatchObject({ kind: 'refused', why: 'not-a-cosigner' });
  });
});

describe('old facts and other journals', () => {
  it.each<[string, Changes, string]>([
    [
      'facts over another journal of the vault',
      { facts: [factOf({ ...emptyHistory(), head: '1'.repeat(64) })] },
      'another-journal',
    ],
    ['facts that nobody signed', { facts: [factOf(emptyHistory(), {}, thief)] }, 'facts-below-quorum'],
    [
      'facts about another wallet',
      { facts: [factOf(emptyHistory(), { wallet: 'hot' })] },
      'facts-below-quorum',
    ],
    [
      'facts for an evacuation',
      { facts: [factOf(emptyHistory(), { purpose: 'evacuation' })] },
      'facts-below-quorum',
    ],
    [
      'facts of after the intent’s end',
      { facts: [factOf(emptyHistory(), { at: refill().expiry * 1000 })] },
      'intent-expired',
    ],
    [
      'a chain on which other keys act',
      { facts: [factOf(emptyHistory(), { control: { threshold: 1, keys: ['thief'] } })] },
      'keys-on-chain',
    ],
    ['a policy that is none of the line', { order: { policy: '0'.repeat(64) } }, 'order-policy'],
  ])('%s', (_, change, expected) => {
    expect(why(change)).toBe(expected);
  });

  it('facts that go back in time', () => {
    const history = after();
    expect(
      why({ history, intent: refill({}, 2), number: 2, facts: [factOf(history, { at: now - 1 })] }),
    ).toBe('time-goes-back');
  });
});

describe('the vault’s own limits', () => {
  it('are its own journal’s: two a day, and no third', () => {
    const once = after();
    const twice = after({ history: once, intent: refill({}, 2), number: 2 });
    expect(why({ history: twice, intent: refill({}, 3), number: 3 })).toBe('over-move-count');
    const later = [factOf(twice, { at: now + 24 * 3_600_000 })];
    expect(why({ history: twice, intent: refill({}, 3), number: 3, facts: later })).toBe('written');
  });

  it('count fee caps, and stop at the day’s amount', () => {
    const once = after({ intent: refill({ amount: xem('20000') }) });
    const second = (amount: bigint) => ({ history: once, intent: refill({ amount }, 2), number: 2 });
    // 30,000 a day; 20,000 and two fee caps of 1 are used.
    expect(why(second(xem('9998.000001')))).toBe('over-rolling-limit');
    expect(why(second(xem('9998')))).toBe('written');
  });

  it('the same intent by other bytes only where the first are dead, or cannot confirm beside', () => {
    const { order, chain, history, read, plan } = orderCase();
    const written = writtenBy(order, chain, history, read);
    if (written.kind === 'refused') throw new Error(written.why);
    const once = after({ ask: order.ask });
    expect(why({ history: once })).toBe('paid-by-another-transaction');
    const dead = [{ plan, proof: { height: 9, hash: '0'.repeat(64) } }];
    expect(why({ history: once, facts: [factOf(once, { dead })] })).toBe('written');
    expect(why({ history: once, conflicts: () => true })).toBe('written');
  });

  it('the same bytes for another intent', () => {
    const { order } = orderCase();
    const once = after({ ask: order.ask });
    const { plan, share } = order.ask;
    const second = orderCase({ history: once, intent: refill({}, 2), number: 2, ask: {} });
    const ask = { ...second.order.ask, plan, share };
    expect(why({ history: once, intent: refill({}, 2), number: 2, ask })).toBe('bytes-recorded-before');
  });
});

describe('denials', () => {
  const denied = (when: Policy['denials'][number]['when']) => {
    const given = { ...policy, denials: [{ id: 'one', when }] };
    return why({ chain: chainOf(given) });
  };
  it('that name the cold wallet or refills hold; those of payments do not', () => {
    expect(denied({ reasons: ['refill'] })).toBe('denied');
    expect(denied({ wallets: ['cold'], amount: { above: 1n } })).toBe('denied');
    expect(denied({ destination: { newerThanHours: 24 } })).toBe('written');
    expect(denied({ reasons: ['withdrawal'] })).toBe('written');
  });
});

describe('later versions of the policy', () => {
  const second: Policy = { ...policy, version: 2, prev: policyDigest(policy), issued: now / 1000 };
  const both = [...chainOf(policy), ...chainOf(second)] as const;

  it('are written down before the record, and the journal never goes back', () => {
    const once = after();
    const { order, chain, history, read } = orderCase({
      history: once,
      intent: refill({}, 2),
      number: 2,
      chain: both,
    });
    const written = writtenBy(order, chain, history, read);
    if (written.kind === 'refused') throw new Error(written.why);
    const [adopted, record] = written.entries;
    expect(adopted).toMatchObject({
      seq: 2,
      policy: policyDigest(second),
      body: { kind: 'policy', prev: policyDigest(policy) },
    });
    expect(record).toMatchObject({
      seq: 3,
      prev: adopted && entryHash(adopted),
      policy: policyDigest(second),
    });
    const twice = after({ history: once, intent: refill({}, 2), number: 2, chain: both });
    expect(twice.policies.map(({ digest }) => digest)).toEqual([policyDigest(policy), policyDigest(second)]);
    const back = {
      history: twice,
      intent: refill({}, 3),
      number: 3,
      chain: both,
      order: { policy: policyDigest(policy) },
    };
    expect(why(back)).toBe('order-policy');
  });
});

describe('between cold wallets', () => {
  const third = {
    ...policy.wallets[1],
    id: 'cold-2',
    address: 'COLD2',
    publicKey: 'cold2',
    cosigners: ['e1', 'e2', 'e3'].map((publicKey) => ({ publicKey, signer: null })),
  } as Policy['wallets'][number];
  const wide: Policy = {
    ...policy,
    wallets: [...policy.wallets, third],
    coldRules: [{ ...coldRule, to: ['hot', 'cold-2'] }],
  };
  const move = moveIntent(
    { id: 'cold' },
    { address: 'COLD2' },
    { asset: XEM, amount: xem('5'), feeCap: xem('1'), expiry: refill().expiry, number: 1 },
  );

  it('a move is one, and no refill', () => {
    expect(soundness(wide)).toBeUndefined();
    const chain = chainOf(wide);
    expect(why({ chain, intent: move })).toBe('written');
    expect(why({ chain, intent: { ...move, reason: 'refill', id: treasuryId('refill', 'cold', 1) } })).toBe(
      'intent-altered',
    );
  });
});

describe('a policy that would open a cold wallet', () => {
  const withRule = (change: Partial<typeof coldRule>): Policy => ({
    ...policy,
    coldRules: [{ ...coldRule, ...change }],
  });
  const mainnet = (quorum: number, of: number) => ({
    network: 'mainnet' as const,
    watchtowers: {
      quorum,
      keys: Array.from({ length: of }, (_, index) => keyNamed(`tower ${index}`).publicKey),
    },
  });
  const noVault = policy.wallets.map((wallet) => ({
    ...wallet,
    cosigners: wallet.cosigners.map(({ publicKey, signer }) => ({ publicKey, signer })),
  }));
  it.each<[string, Policy, string]>([
    ['to an address of nobody', withRule({ to: ['thief'] }), 'coldRules.0.to'],
    ['to itself', withRule({ to: ['cold'] }), 'coldRules.0.to'],
    ['of a hot wallet', withRule({ wallet: 'hot' }), 'coldRules.0.wallet'],
    ['of another chain’s coin', withRule({ asset: 'ethereum:eth' as Asset }), 'coldRules.0.asset'],
    ['by nobody’s vaults', { ...policy, wallets: noVault, vaults: [] }, 'coldRules.0.wallet'],
    ['by a vault that is none', { ...policy, vaults: policy.vaults?.slice(1) }, 'wallets.1.cosigners'],
    [
      'by more people than there are',
      withRule({ approvals: { ...coldRule.approvals, quorum: 4 } }),
      'coldRules.0.approvals.quorum',
    ],
    [
      'by one person on mainnet',
      { ...withRule({ approvals: { ...coldRule.approvals, quorum: 1 } }), ...mainnet(3, 4) },
      'coldRules.0.approvals.quorum',
    ],
    [
      'by two quorums of watchtowers that share one alone',
      { ...policy, ...mainnet(2, 3) },
      'watchtowers.quorum',
    ],
    [
      'by a person who signs for the exchange',
      withRule({ approvals: { quorum: 1, people: [policy.exchanges[0]?.keys[0]?.publicKey ?? ''] } }),
      'policy',
    ],
    [
      'by a key that an online signer holds too',
      {
        ...policy,
        wallets: policy.wallets.map((wallet) =>
          wallet.id === 'cold'
            ? {
                ...wallet,
                cosigners: wallet.cosigners.map((one, index) =>
                  index === 0 ? { ...one, signer: 'signer-1' } : one,
                ),
              }
            : wallet,
        ),
      },
      'wallets.1.cosigners',
    ],
    ['twice the same', { ...policy, coldRules: [coldRule, coldRule] }, 'policy'],
    [
      'by a vault with a signer’s name',
      {
        ...policy,
        vaults: [{ id: 'signer-1', recordKey: keyNamed('x').publicKey }, ...(policy.vaults ?? [])],
      },
      'policy',
    ],
    [
      'by a vault with a signer’s journal key',
      {
        ...policy,
        vaults: [...(policy.vaults ?? []), { id: 'vault-4', recordKey: policy.signers[0]?.recordKey ?? '' }],
      },
      'policy',
    ],
    [
      'by one vault with two keys',
      {
        ...policy,
        wallets: policy.wallets.map((wallet) =>
          wallet.id === 'cold'
            ? { ...wallet, cosigners: wallet.cosigners.map((one) => ({ ...one, vault: 'vault-1' })) }
            : wallet,
        ),
      },
      'wallets.1.cosigners',
    ],
  ])('%s', (_, wrong, field) => {
    expect(soundness(wrong)).toMatchObject({ kind: 'refused', field });
  });
});

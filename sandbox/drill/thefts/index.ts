/** The thefts, by the numbers of the replay vectors, and our own drills behind them. */
import { parseAmount, XEM } from '@kuramori/core';
import { readTheft } from '../theft.ts';
import { otherBytesThanShown as otherBytesOfASafe } from '../ethereum/bytes.ts';
import { allAtOnce, oneAfterTheOther, placeFirst } from '../ethereum/poloniex.ts';
import { otherBytesThanShown as otherBytesOfCoins } from '../litecoin/bytes.ts';
import { credentialStolen as credentialOnLitecoin, limitsRaisedFirst } from '../litecoin/path.ts';
import { anEighthInEachBlock, outbidding, twoTransactions, withOneKey } from '../litecoin/sweeps.ts';
import { nonceReader } from '../litecoin/upbit.ts';
import { blinded, lines } from './blind.ts';
import type { Drill } from './drill.ts';
import { comesBack, custodyDies, stealing, type Step } from './key.ts';
import { massCredit, reorganised } from './ledger.ts';
import {
  approvers,
  canaryTried,
  credentialStolen,
  insider,
  limitsRaised,
  otherBytesThanShown,
  poisonedHistory,
  quorumOfNone,
  requestAltered,
  riskServerReplaced,
} from './path.ts';
import { busyDay, lyingWatchtower, strangers } from './weapon.ts';

const [second, minute, hour] = [1_000, 60_000, 3_600_000];
const day = 24 * hour;

/** What stands in a thief's way who has the keys, and in his who uses our path. */
const againstKeys = ['cold', 'watchtower', 'evacuation'] as const;
const oneMore = ['cold', 'multisig', 'watchtower', 'evacuation'] as const;
const onOurPath = ['cold', 'judging', 'limits', 'watchtower'] as const;

/** Tokens that a house lists in a drill on Ethereum. */
const listed = 24;

const oneChain = 'one chain of those that it ran on';
const oneAsset = 'one asset: NEM’s own; the others join with their chains';

/** Litecoin's own do so only where they are told to (-mempoolreplacement). */
const replacing = 'nodes that let what waits be replaced, as Bitcoin’s do';

const every = (count: number, apart: number, millionths: number | null, to: Step['to']): readonly Step[] =>
  Array.from({ length: count }, (_, index) => ({ after: index * apart, millionths, to }));

function coincheckSteps(): readonly Step[] {
  const { transfers, total } = readTheft();
  const begins = transfers[0]?.at ?? 0;
  return transfers.map(({ at, units }) => ({
    after: at - begins,
    millionths: Math.max(1, Number((units * 1_000_000n) / total)),
    to: 'first',
  }));
}

export const drills: readonly Drill[] = [
  {
    id: 'R01',
    name: 'coincheck',
    kind: 'KEY',
    after: 'Coincheck, January 2018: one key, a probe, ten more in eight hours',
    scaled: '',
    defences: oneMore,
    plan: { custody: false },
    attack: stealing({ keys: 'one', steps: coincheckSteps() }),
  },
  {
    id: 'R01',
    name: 'coincheck-all-keys',
    kind: 'KEY',
    after: 'the same thief, who has the keys of every online signer',
    scaled: '',
    defences: againstKeys,
    plan: { custody: false },
    attack: stealing({ keys: 'all', steps: coincheckSteps() }),
  },
  {
    id: 'R01',
    name: 'coincheck-on-litecoin',
    chain: 'litecoin',
    kind: 'KEY',
    after: 'the first thief on Litecoin: one key of the two that it takes',
    scaled: 'the probe and the rest at once: a node refuses what one key signed, so nothing is ever seen',
    defences: [],
    attack: withOneKey,
  },
  {
    id: 'R02',
    name: 'bitfinex',
    kind: 'PATH',
    after: 'Bitfinex, 2016: the limits raised first, then 2,072 transactions in three hours',
    scaled: '2,072 transactions to as many as the limits leave; 2,000 wallets to one; three hours',
    defences: ['cold', 'judging', 'limits', 'keepers', 'watchtower'],
    attack: limitsRaised,
  },
  {
    id: 'R02',
    name: 'bitfinex-on-litecoin',
    chain: 'litecoin',
    kind: 'PATH',
    after: 'the same on Litecoin: the limits raised with a keeper’s key, then as much as signers sign',
    scaled: '2,072 transactions to as many as the limits leave; three hours to three blocks',
    defences: ['keepers', 'judging', 'limits'],
    attack: limitsRaisedFirst,
  },
  {
    id: 'R03',
    name: 'mtgox-drip',
    kind: 'KEY',
    after: 'Mt. Gox, 2011 to 2013: a little at a time, matching no withdrawal',
    scaled: '26 months to 12 days, 2 % of the wallet each; blocks of ten minutes',
    defences: oneMore,
    plan: { custody: false, blockSeconds: 600 },
    attack: stealing({ keys: 'one', steps: every(12, day, 20_000, 'first') }),
  },
  {
    id: 'R04',
    name: 'zaif',
    kind: 'KEY',
    after: 'Zaif, September 2018: all that was hot, in two hours, and nobody looked for three days',
    scaled: oneChain,
    defences: againstKeys,
    plan: { custody: false },
    attack: stealing({ keys: 'all', steps: every(6, 24 * minute, 170_000, 'first') }),
  },
  {
    id: 'R05',
    name: 'cryptopia',
    kind: 'KEY',
    after: 'Cryptopia, January 2019: two core wallets, the small ones after, and back for what still arrived',
    scaled:
      'deposits share one account on NEM, so the 76,000 wallets are none; 15 days to one, blocks of ten minutes',
    defences: againstKeys,
    plan: { custody: false, blockSeconds: 600 },
    attack: comesBack,
  },
  {
    id: 'R06',
    name: 'kucoin',
    kind: 'KEY',
    after: 'KuCoin, September 2020: he went on signing after the servers were off',
    scaled: oneChain,
    defences: againstKeys,
    attack: stealing({ keys: 'all', first: custodyDies, steps: every(8, 11 * minute, 125_000, 'new') }),
  },
  {
    id: 'R06',
    name: 'kucoin-on-litecoin',
    chain: 'litecoin',
    kind: 'KEY',
    after: 'the same on Litecoin: many coins, an eighth of them in each block, by a wallet’s usual software',
    scaled: `eleven minutes to a block of 15 seconds; the servers are off from the beginning; ${replacing}`,
    defences: againstKeys,
    plan: { litecoinReplaces: true },
    attack: anEighthInEachBlock,
  },
  {
    id: 'R06',
    name: 'kucoin-outbids',
    chain: 'litecoin',
    kind: 'KEY',
    after: 'the same thief, who watches what goes home and pays more than any rule lets that pay',
    scaled: replacing,
    defences: againstKeys,
    plan: { litecoinReplaces: true },
    attack: outbidding,
  },
  {
    id: 'R07',
    name: 'liquid',
    kind: 'KEY',
    after: 'Liquid, August 2021: a threshold wallet, and he has as many parts as it takes',
    scaled: oneAsset,
    defences: againstKeys,
    wallet: 'three-of-five',
    plan: { custody: false },
    attack: stealing({ keys: 'all', steps: every(5, 30 * minute, 200_000, 'new') }),
  },
  {
    id: 'R08',
    name: 'ronin',
    kind: 'KEY',
    after: 'Ronin, March 2022: two transactions, everything, and six days of silence',
    scaled: '',
    defences: againstKeys,
    plan: { custody: false },
    attack: stealing({
      keys: 'all',
      steps: [
        { after: 0, millionths: 950_000, to: 'first' },
        { after: 2 * minute, millionths: null, to: 'first' },
      ],
    }),
  },
  {
    id: 'R08',
    name: 'ronin-on-litecoin',
    chain: 'litecoin',
    kind: 'KEY',
    after:
      'the same on Litecoin: 19 coins of 20 by a transaction that nothing may replace, the last a block later',
    scaled: 'two minutes to a block of 30 seconds; nodes that replace nothing, as Litecoin’s',
    defences: againstKeys,
    plan: { miningSeconds: 30 },
    attack: twoTransactions,
  },
  {
    id: 'R09',
    name: 'harmony',
    kind: 'KEY',
    after: 'Harmony, June 2022: as many keys as it takes, eleven to fourteen transactions in 18 minutes',
    scaled: oneAsset,
    defences: againstKeys,
    plan: { custody: false },
    attack: stealing({ keys: 'all', steps: every(12, 90 * second, 83_000, 'first') }),
  },
  {
    id: 'R10',
    name: 'stake-coinex',
    kind: 'KEY',
    after: 'Stake and CoinEx, September 2023: the native coin to an unused address at once',
    scaled: `${oneChain}; ${oneAsset}`,
    defences: againstKeys,
    plan: { custody: false },
    attack: stealing({
      keys: 'all',
      steps: [
        { after: 0, millionths: 620_000, to: 'new' },
        ...every(6, 0, 60_000, 'new').map((step, index) => ({ ...step, after: (index + 1) * 5 * minute })),
      ],
    }),
  },
  {
    id: 'R11',
    name: 'poloniex',
    chain: 'ethereum',
    kind: 'KEY',
    after: 'Poloniex, November 2023: 317 tokens, gas sent to a fresh wallet before each',
    scaled: '317 tokens to 24, one in each block',
    defences: againstKeys,
    tokens: listed,
    attack: (scene) => oneAfterTheOther(scene),
  },
  {
    id: 'R11',
    name: 'poloniex-at-once',
    chain: 'ethereum',
    kind: 'KEY',
    after: 'the same thief, who signs everything beforehand and sends it at once',
    scaled: '317 tokens to 24',
    defences: againstKeys,
    tokens: listed,
    attack: allAtOnce,
  },
  {
    id: 'R11',
    name: 'poloniex-his-place',
    chain: 'ethereum',
    kind: 'KEY',
    after: 'the same thief, who first makes a co-signer’s place his own',
    scaled: '317 tokens to 24, one in each block',
    defences: againstKeys,
    tokens: listed,
    attack: placeFirst,
  },
  {
    id: 'R12',
    name: 'dmm',
    kind: 'PATH',
    after: 'DMM, May 2024: a legitimate request altered between asking and signing, all of it at once',
    scaled: '',
    defences: ['judging'],
    attack: requestAltered,
  },
  {
    id: 'R12',
    name: 'dmm-on-litecoin',
    chain: 'litecoin',
    kind: 'PATH',
    after:
      'the same on Litecoin: outputs, change, amounts, fees and kinds of signature that are not the payment’s',
    scaled: '',
    defences: ['judging'],
    attack: otherBytesOfCoins,
  },
  {
    id: 'R13',
    name: 'bytes-not-shown',
    kind: 'PATH',
    after: 'WazirX 2024 and Bybit 2025: the screen shows a payment, the bytes change who signs',
    scaled: 'as NEM says it: a modification of the account',
    defences: ['cold', 'judging', 'watchtower', 'evacuation'],
    attack: otherBytesThanShown,
  },
  {
    id: 'R13',
    name: 'bybit',
    chain: 'ethereum',
    kind: 'PATH',
    after: 'the same on a Safe: delegatecalls, its guard, modules, owners, approvals, shown as a payment',
    scaled:
      'no permits: they are signatures over other bytes than a Safe’s, which no signer has a way to give',
    defences: ['judging'],
    tokens: 1,
    attack: otherBytesOfASafe,
  },
  {
    id: 'R14',
    name: 'nobitex',
    kind: 'KEY',
    after: 'Nobitex, June 2025: 113,000 transactions to addresses that nobody can spend from',
    scaled: '113,000 transactions to 60',
    defences: againstKeys,
    plan: { custody: false },
    attack: stealing({ keys: 'all', steps: every(60, 70 * second, 17_000, 'nobody') }),
  },
  {
    id: 'R15',
    name: 'bigone',
    kind: 'PATH',
    after: 'BigONE, July 2025: the risk server replaced by one that says yes; keys untouched',
    scaled: '',
    defences: onOurPath,
    attack: riskServerReplaced,
  },
  {
    id: 'R16',
    name: 'coindcx',
    kind: 'PATH',
    after: 'CoinDCX, July 2025: a stolen credential, one unit, seven hours later six transfers',
    scaled: '',
    defences: onOurPath,
    attack: credentialStolen,
  },
  {
    id: 'R16',
    name: 'coindcx-on-litecoin',
    chain: 'litecoin',
    kind: 'PATH',
    after: 'the same on Litecoin: the exchange’s key, a little, and then six times as much as signers sign',
    scaled: 'seven hours to one block',
    defences: ['judging', 'limits'],
    attack: credentialOnLitecoin,
  },
  {
    id: 'R17',
    name: 'upbit',
    kind: 'KEY',
    after: 'Upbit, November 2025: a key worked out from biased nonces, 80 transactions in 15 minutes',
    scaled: `${oneAsset}. That our own signatures are not biased is signers/biased-nonce.test.ts`,
    defences: againstKeys,
    plan: { custody: false },
    attack: stealing({ keys: 'all', steps: every(80, 11 * second, 12_500, 'new') }),
  },
  {
    id: 'R17',
    name: 'upbit-on-litecoin',
    chain: 'litecoin',
    kind: 'KEY',
    after:
      'the same on Litecoin: keys worked out from signatures in blocks; a foreign wallet’s, and not ours',
    scaled:
      'nonces that repeat or are counted up, and no lattices: signers/biased-nonce.test.ts looks for those',
    defences: [],
    attack: nonceReader,
  },
  {
    id: 'R18',
    name: 'bithumb',
    kind: 'LEDGER',
    after: 'Bithumb, February 2026: a promotion credited in the wrong unit, withdrawn at once',
    scaled:
      '695 accounts to 69; the promotion account holds what is credited, so that nothing else refuses it',
    defences: ['books', 'limits'],
    attack: massCredit,
  },
  {
    id: 'R19',
    name: 'ronin-2024',
    kind: 'PATH',
    after: 'Ronin, August 2024: after an upgrade of its own a threshold read as none',
    scaled: '',
    defences: ['judging'],
    attack: quorumOfNone,
  },
  {
    id: 'R20',
    name: 'poison',
    kind: 'PATH',
    after: 'Address poisoning, 2024 and 2025: a lookalike in the history, and somebody copies it',
    scaled: 'one paste; the thief need not grind a key for his address',
    defences: ['denials'],
    attack: poisonedHistory,
  },
  {
    id: 'R21',
    name: 'insider',
    kind: 'PATH',
    after:
      'An insider with the exchange’s key and one approver’s, at three in the morning, three nights long',
    scaled: '',
    defences: ['judging', 'limits', 'cold'],
    approvals: {
      from: parseAmount('10000', XEM),
      quorum: 2,
      people: [approvers.insider.publicKey, approvers.honest.publicKey],
    },
    attack: insider,
  },
  {
    id: 'R22',
    name: 'monitor-blind',
    kind: 'KEY',
    after: 'The watchers’ nodes repeat what they said, and then he comes with every key',
    scaled: '',
    defences: ['cold', 'watchtower'],
    plan: {
      custody: false,
      lineTo: (reader, url) => (reader === 'watchtower' ? (lines.get(url) ?? url) : url),
    },
    attack: blinded,
  },
  {
    id: 'R23',
    name: 'reorganised',
    kind: 'LEDGER',
    after: 'A deposit is credited and withdrawn, and a fork takes the deposit back',
    scaled: 'two blocks deep; custody waits for three',
    defences: ['confirmations', 'limits'],
    attack: reorganised,
  },
  {
    id: 'S1',
    name: 'canary',
    kind: 'PATH',
    after: 'A thief is in custody’s folder, tries a key that he finds there, and then the exchange’s own',
    scaled: 'what he takes first is the canary’s 10 XEM, which are counted as stolen',
    defences: ['watchtower'],
    attack: canaryTried,
  },
  {
    id: 'R24',
    name: 'busy-day',
    kind: 'HONEST',
    after: 'A busy day, and a rush after bad news',
    scaled: '31,000 requests to 84',
    defences: [],
    attack: busyDay,
  },
  {
    id: 'W1',
    name: 'strangers',
    kind: 'WEAPON',
    after: 'All that strangers can do to our accounts for the price of a fee',
    scaled: '',
    defences: [],
    plan: { custody: false },
    attack: strangers,
  },
  {
    id: 'W2',
    name: 'lying-watchtower',
    kind: 'WEAPON',
    after: 'One of three watchtowers is taken, and freezes falsely, and again after the thaw',
    scaled: '',
    defences: [],
    plan: { custody: false, towers: 3 },
    stopsOnce: true,
    attack: lyingWatchtower,
  },
];

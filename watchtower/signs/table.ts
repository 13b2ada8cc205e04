/** The table of signs: what each one is called, why it is looked for, and how much is too much. What runs and what docs/alarms.md shows is this. */
import type { IncidentEvent } from '@kuramori/core';
import { hoursText } from '@kuramori/program';
import type { SignId, Signs } from './thresholds.ts';

interface Row<Id extends SignId = SignId> {
  /** What the incident calls it. */
  readonly event: IncidentEvent;
  /** One sentence: which theft, or which fault, taught it. */
  readonly reason: string;
  readonly threshold: (of: Signs[Id]) => string;
}

const percent = (bps: number) => `${bps / 100} %`;
const xem = (units: bigint) => `${Number(units) / 1_000_000} XEM`;

export const table: { readonly [Id in SignId]: Row<Id> } = {
  probeThenBurst: {
    event: 'probe, then burst',
    reason:
      'Coincheck’s thief sent 10 XEM and two minutes later 100 million; CoinDCX’s sent 1 USDT and took the rest seven hours later: the probe was the warning.',
    threshold: ({ probeBps, hours, burstBps, others, minutes }) =>
      `at most ${percent(probeBps)} of the wallet to a destination never paid before, and within ${hours} h ${percent(burstBps)} or more to the same one, or ${percent(Math.max(1, Math.floor(burstBps / others)))} or more to each of ${others} other new ones within ${minutes} min`,
  },
  manyAssets: {
    event: 'many assets at once',
    reason:
      'Harmony lost 11 to 14 tokens in 18 minutes, Poloniex 317: a thief with keys takes everything, a customer one thing.',
    threshold: ({ minutes, atLeast, timesUsual }) =>
      `${atLeast} different assets or more out of one wallet within ${minutes} min, and ${timesUsual} times the most of any such window of the last week`,
  },
  shareDrained: {
    event: 'share of a wallet drained',
    reason:
      'Bitfinex’s and Zaif’s wallets were emptied within hours by payments that the house’s own path let through.',
    threshold: ({ minutes, shareBps }) =>
      `payments with records of ${percent(shareBps)} or more of the wallet within ${minutes} min; what came in meanwhile counts as the wallet’s`,
  },
  limitUsed: {
    event: 'a limit is nearly used up',
    reason:
      'BigONE’s and CoinDCX’s thieves used the house’s own path: what a day’s limit leaves is what they get, and each day again until somebody looks.',
    threshold: ({ shareBps }) =>
      `${percent(shareBps)} of what the rule in force lets leave within its hours, by all signers’ records`,
  },
  firstSeen: {
    event: 'nearly all destinations new',
    reason:
      'Bitfinex’s 2,072 transactions went to addresses that it had never paid before; in a rush old customers come, too.',
    threshold: ({ minutes, atLeast, timesUsual, shareBps }) =>
      `${atLeast} destinations or more never paid before within ${minutes} min, ${timesUsual} times the average of the last week, and ${percent(shareBps)} or more of all payments; not before a day of records`,
  },
  gas: {
    event: 'a stranger funds an account of ours',
    reason:
      'Poloniex’s thief sent 0.5 ETH to each wallet before he took its tokens; a NEM cosigner’s account needs no coins for anything.',
    threshold: ({ hours, units }) =>
      `${xem(units)} or more within ${hours} h by strangers, in every node’s blocks, to an account of a cosigner, a retired wallet or a cold one that was empty; one page in that time`,
  },
  unspendable: {
    event: 'payments to addresses nobody can spend from',
    reason:
      'Nobitex’s coins went to vanity addresses without a key: a thief who wants harm needs no way to cash out.',
    threshold: ({ hours, payments }) =>
      `${payments === 1 ? 'one payment' : `${payments} payments`} within ${hours} h to an address whose form is no hash’s (a pattern, at most nine letters, words; [the odds](../watchtower/signs/unspendable.ts)); again at ten times as many`,
  },
  balanceFalls: {
    event: 'a balance falls without a spend',
    reason:
      'Mt. Gox lost 647,000 BTC by spends that nobody looked at; whoever hides a spend from all our nodes cannot hide the balance too.',
    threshold: ({ blocks }) =>
      `1 micro-XEM less than all spends and fees explain that any node shows, said by every node at each of ${blocks} blocks`,
  },
  hotShare: {
    event: 'hot share above its limit',
    reason: 'Coincheck held everything hot: what is hot is what a thief gets.',
    threshold: ({ minutes }) =>
      `more than the policy’s hotShareBps of what all wallets hold by every node, for ${minutes} min: by value where the policy values each coin, else of the worst chain`,
  },
  repeatedNonce: {
    event: 'a nonce used twice: the key is public',
    reason:
      'Two signatures with one nonce give the key to whoever sees both (Upbit’s key is said to have leaked by its nonces).',
    threshold: ({ newest }) =>
      `one R under two messages, both signatures verified, among the newest ${newest.toLocaleString('en')} signatures of our keys in blocks`,
  },
  likeNonces: {
    event: 'nonces that look alike',
    reason: 'Upbit, 2025: nonces that were not random enough are said to have given the key away.',
    threshold: ({ bits }) =>
      `two R of one key with the same first or last ${bits} bits ([the odds](../watchtower/signs/nonces.ts))`,
  },
  unsent: {
    event: 'signed, and not on the chain',
    reason:
      'BigONE’s and Bybit’s signers signed what others carried away: a signature that nobody sent is in somebody’s hand.',
    threshold: ({ minutes }) =>
      `a record countersigned, its deadline past by ${minutes} min of chain time, and on no node the payment in any wrapping`,
  },
  nodeBehind: {
    event: 'monitoring degraded: a node lags',
    reason: 'Whoever holds up a node hides what was spent since.',
    threshold: ({ blocks, seconds }) =>
      `more than ${blocks} blocks behind the highest for more than ${seconds} s`,
  },
  nodeApart: {
    event: 'monitoring degraded: a node shows another block',
    reason: 'A node that lies, or was cut off, shows a chain that is not the others’.',
    threshold: ({ seconds }) =>
      `another hash than the majority’s at the newest block that all have, for more than ${seconds} s; without a majority, each of them`,
  },
  nodeRewrites: {
    event: 'monitoring degraded: a node rewrote its chain',
    reason: 'A deposit can be taken back, and a payment be unmade, by a rewrite (NIS goes 360 blocks deep).',
    threshold: ({ blocks }) => `more than ${blocks} blocks replaced`,
  },
  nodeSilent: {
    event: 'monitoring degraded: a node is silent',
    reason: 'At Ronin nobody looked for six days: silence is not quiet.',
    threshold: ({ seconds }) => `no answer that can be read for more than ${seconds} s`,
  },
  pushSilent: {
    event: 'monitoring degraded: a node pushes nothing',
    reason: 'A subscription that has died looks like an account at rest.',
    threshold: ({ blocks, seconds }) =>
      `by a node of \`pushes\`: ${blocks} new blocks that its polls show, and not one push since; or not connected for more than ${seconds} s`,
  },
  anotherChain: {
    event: 'monitoring degraded: a node serves another chain',
    reason: 'A node of another network, or of a chain made for us, sees no theft.',
    threshold: ({ genesis }) =>
      `network id or first block is not ${genesis === null ? 'the majority’s, or not what that node had before' : `the pinned one, ${genesis}`}; asked once a minute`,
  },
  blind: {
    event: 'monitoring degraded: blind',
    reason: 'While the nodes do not agree nothing is countersigned, and customers wait.',
    threshold: ({ seconds }) => `no clear view for more than ${seconds} s, for whatever reason`,
  },
  guardApart: {
    event: 'a Safe’s guard is not as the policy has it',
    reason:
      'A guard lets in the spares that its Safe was born with, for good: one that the policy drops is a way in for whoever steals it, and one that it adds is no spare.',
    threshold: () =>
      'one pinned spare of a Safe that its guard keeps out, one key that it lets in and the newest version does not pin, or keys of vaults that it does not keep apart; by the guard’s code, at a block that every node has; or no guard at all',
  },
  keyFileRead: {
    event: 'a key file was read',
    reason:
      'Coincheck’s key was sniffed weeks before: a copy is all that a thief needs, and the file is still there.',
    threshold: () =>
      'one reading of a running co-signer’s keystore or passphrase by anybody but itself, a backup’s included; until it is started again. By the time of access: root can hide it',
  },
  keyFilesUnwatched: {
    event: 'monitoring degraded: key files are not watched',
    reason: 'Where a disk is mounted noatime nobody can tell whether a key file was read.',
    threshold: () => 'one file of a co-signer',
  },
  otherCode: {
    event: 'a process runs code of no release',
    reason:
      'Bybit’s and BigONE’s thieves needed no key: they changed what a server ran, and it did what it was told.',
    threshold: ({ seconds }) =>
      `one co-signer, watchtower, pager or custody whose code is not what \`release\` pins for its kind, or that says nothing of its code for ${seconds} s; where nothing is pinned, two of a kind that differ`,
  },
  codeChanged: {
    event: 'code was changed under a running process',
    reason:
      'Whoever changes files waits for the next start: until then the code that still runs is honest, and sees it ([release.md](release.md)).',
    threshold: () =>
      'one file of a running process’s code that was changed, added or taken away, by its content; looked at every ten seconds, until the process is started again',
  },
  refusals: {
    event: 'a signer refuses again and again',
    reason:
      'DMM’s and BigONE’s thieves sat where custody sits: what they try, and a co-signer refuses, is the first that anybody hears of them.',
    threshold: ({ minutes, atLeast }) =>
      `${atLeast} asks or more refused by one signer within ${minutes} min`,
  },
  oddHours: {
    event: 'a key was used at an odd hour',
    reason:
      'Coincheck’s coins left from 00:02 on, and nobody was there: who uses a person’s key at night may not be that person.',
    threshold: (hours) =>
      `an approval, a keeper’s objection or rotation, or a new version of the policy, outside of ${hoursText(hours)}; one page for each key and night`,
  },
  dormantKey: {
    event: 'a key that had slept was used',
    reason: 'Whoever is not asked for months misses a stolen key last.',
    threshold: ({ days }) =>
      `an approval, a keeper’s objection or rotation, by a key that no journal shows for ${days} days before, or since it was pinned`,
  },
  roomSilent: {
    event: 'monitoring degraded: a signer or watchtower is silent',
    reason:
      'KuCoin’s thief went on after the servers were off; and one more that falls silent may stop every payment.',
    threshold: ({ seconds }) => `no answer for more than ${seconds} s; asked every ten`,
  },
  diskNearlyFull: {
    event: 'monitoring degraded: the disk is nearly full',
    reason: 'Nothing is countersigned that is not on the disk first.',
    threshold: ({ megabytes }) => `less than ${megabytes} MB free where the archive is`,
  },
  clockApart: {
    event: 'monitoring degraded: clocks apart',
    reason: 'Deadlines and limits are by the clock; NIS refuses what is ten seconds ahead.',
    threshold: ({ seconds }) => `more than ${seconds} s between ours and a node’s, twice in a row`,
  },
  slowRounds: {
    event: 'monitoring degraded: slow rounds',
    reason: 'A spend is stopped only if it is seen before its block; a look is due every `pollMs`.',
    threshold: ({ seconds }) =>
      `no round finished that began in the last ${seconds} s, at a node that answers`,
  },
};

export function thresholdOf(id: SignId, signs: Signs): string {
  return (table[id].threshold as (of: Signs[SignId]) => string)(signs[id]);
}

/** What is no matter of degree, and of no configuration: it stands in the other files of this room. */
export const always: readonly {
  readonly event: string;
  readonly reason: string;
  readonly threshold: string;
  readonly action: string;
  readonly file: string;
}[] = [
  {
    event: 'alarm: frozen',
    reason: 'Coincheck noticed after eleven hours: each spend must be ours to the byte, at first sight.',
    threshold:
      'one signature by a key of ours, or one spend of an address ever ours, that no countersigned record covers, on any node, unconfirmed or in a block',
    action: 'freeze, and send home',
    file: 'alarm.ts',
  },
  {
    event: 'books and chain apart',
    reason: 'Bithumb’s books had 620,000 BTC that no chain had.',
    threshold: '1 unit of any wallet at one block that every node has',
    action: 'page',
    file: 'hold-against.ts',
  },
  {
    event: 'claims above holdings',
    reason: 'Mt. Gox owed more than it had, for years.',
    threshold: '1 unit',
    action: 'page',
    file: 'hold-against.ts',
  },
  {
    event: 'books do not balance',
    reason: 'Whoever changes a balance past the postings changes one side.',
    threshold: '1 unit',
    action: 'page',
    file: 'hold-against.ts',
  },
  {
    event: 'books hold coins in no wallet',
    reason: 'Coins that nobody watches can be said to be anywhere.',
    threshold: '1 unit',
    action: 'page',
    file: 'hold-against.ts',
  },
  {
    event: 'books went back',
    reason: 'A database that was put back has forgotten payments.',
    threshold: 'a statement with fewer transfers than one before',
    action: 'page',
    file: 'books.ts',
  },
  {
    event: 'books are silent',
    reason: 'A taken server says nothing that could be held against it.',
    threshold:
      'no statement that counts for `books.silenceSeconds`, 120 s, or none about a chain that is watched',
    action: 'page',
    file: 'books-on-chain.ts',
  },
  {
    event: 'nodes disagree on a balance',
    reason: 'At one block there is one balance: one of them lies.',
    threshold: '1 unit at one block',
    action: 'page',
    file: 'books-on-chain.ts',
  },
  {
    event: 'a signer has two journals',
    reason: 'A journal put back from a copy forgets its limits.',
    threshold: 'one entry that does not extend the journal held here',
    action: 'page',
    file: 'countersign.ts',
  },
  {
    event: 'alarm: … is not as it was made',
    reason: 'Bybit’s Safe ran the thief’s code from the moment that slot 0 was his, and no event said so.',
    threshold:
      'one part of a Safe other than its configuration says, one module, a guard of other code, or one owner, or one key that its guard lets in, whom no version of the policy pins; proven at a block that every node has',
    action: 'freeze',
    file: 'chains/ethereum.ts',
  },
  {
    event: 'evacuation signed, and nobody carries it',
    reason: 'A relayer that is dead or taken must not keep coins from going home.',
    threshold:
      'one execution that no relayer takes, or that no block has `chains.ethereum.lateSeconds`, 180 s, after it was signed',
    action: 'page',
    file: 'chains/ethereum-home.ts',
  },
];

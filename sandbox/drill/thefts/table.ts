/** The drills' results, for people and for machines; and what people did when it happened, beside them. */
import { markdownTable } from '../../markdown.ts';
import { defences } from './defences.ts';
import { drills } from './index.ts';
import type { Result } from './result.ts';

/** One line of JSON. With `--ablate` each of the ablated ones names the defence that it was without. */
export function theftsJson(results: readonly Result[]): string {
  return JSON.stringify({
    drills: results.map(({ id, without, ...one }) => ({
      drill: one.drill,
      kind: one.kind,
      verdict: one.verdict,
      stolenShareOfWallet: one.stolenShareOfWallet,
      stolenShareOfAll: one.stolenShareOfAll,
      firstAlarmMs: one.firstAlarmMs,
      signersRefusingMs: one.signersRefusingMs,
      evacuatedShare: one.evacuatedShare,
      pages: one.pages,
      vector: id,
      stolenXem: one.stolenXem,
      notes: one.notes,
      ...(without === null ? {} : { without }),
    })),
    falseFreezes: results.reduce((sum, { falseFreezes }) => sum + falseFreezes, 0),
  });
}

const percent = (share: number) =>
  share === 0 ? '0' : share < 0.0001 ? '< 0.01 %' : `${(share * 100).toFixed(2)} %`;
const seconds = (ms: number | null) => (ms === null ? '–' : `${(ms / 1000).toFixed(2)} s`);

/** What a drill came to, all defences standing. */
export function theftsTable(results: readonly Result[]): string {
  const head = [
    'vector',
    'drill',
    'kind',
    'verdict',
    'of the wallet',
    'of everything',
    'first alarm',
    'all signers refuse',
    'sent home',
    'pages',
  ];
  const rows = results
    .filter(({ without }) => without === null)
    .map((one) => [
      one.id,
      one.drill,
      one.kind,
      one.verdict,
      percent(one.stolenShareOfWallet),
      percent(one.stolenShareOfAll),
      seconds(one.firstAlarmMs),
      seconds(one.signersRefusingMs),
      percent(one.evacuatedShare),
      String(one.pages),
    ]);
  return markdownTable(head, rows, new Set([4, 5, 6, 7, 8, 9]));
}

/** What each defence buys: the share of everything that is lost without it. Empty where nothing was ablated. */
export function ablationTable(results: readonly Result[]): string {
  const used = Object.keys(defences).filter((one) => results.some(({ without }) => without === one));
  if (used.length === 0) return '';
  const names = [...new Set(results.map(({ id, drill }) => `${id} ${drill}`))];
  const cell = (name: string, without: string | null) => {
    const one = results.find(
      (result) => `${result.id} ${result.drill}` === name && result.without === without,
    );
    return one === undefined
      ? ''
      : `${percent(one.stolenShareOfAll)}${one.verdict === 'missed' ? ' **missed**' : ''}`;
  };
  const rows = names
    .filter((name) => used.some((one) => cell(name, one) !== ''))
    .map((name) => [name, cell(name, null), ...used.map((one) => cell(name, one))]);
  return markdownTable(
    ['lost of everything', 'all stand', ...used.map((one) => `no ${one}`)],
    rows,
    new Set(used.map((_, index) => index + 1).concat(used.length + 1)),
  );
}

/** Minutes from the first bad transaction: noticed, signing stopped, everything contained. As reported. */
const human = [
  ['KuCoin, 2020', '0', '29', '89'],
  ['Upbit, 2025', '18', '45', '253'],
  ['Ronin, 2024', '–', '40', '40'],
  ['Coincheck, 2018', '680', '770', '1,130'],
  ['Ronin, 2022', 'six days', '', ''],
] as const;

/** docs/drills.md, whole. */
export function theftsDocument(results: readonly Result[], machine: string): string {
  const told = drills.map(({ id, name, after, scaled, defences: met }) => [
    id,
    name,
    after,
    scaled === '' ? '–' : scaled,
    met.join(', ') || '–',
  ]);
  const notes = results
    .filter(({ without, notes: some }) => without === null && some.length > 0)
    .map(({ id, drill, notes: some }) => `* ${id} ${drill}: ${some.join('; ')}.`);
  const ablated = ablationTable(results);
  return `# Drills: the great thefts, replayed

Written by \`npx kuramori drill all --ablate --write docs/drills.md\`; do not edit. ${machine}

Each drill builds a whole house of real processes on a devnet that is as strict as a NIS1 node, with 5 % hot as the law allows, and sets the thief on it. He holds 526 million XEM's worth of ambition: what Coincheck's wallet held. Those on Ethereum have Safes on an anvil whose blocks come every 12 seconds, three watchtowers, and the coin and 24 tokens, counted by the keepers' own values. Those on Litecoin have 2,000 LTC on two litecoind whose blocks come every 15 seconds (R08: 30), what is hot in 20 coins, and three watchtowers; the thief comes when a block has just come. KEY: he has keys and signs outside our system. PATH: he owns custody and uses our own path. LEDGER: the books alone are wrong. WEAPON: false alarms to stop an exchange. HONEST: nobody is a thief, and nothing may stop. *Stopped*: nothing was stolen or burnt. *Bounded*: at most what a hot wallet may hold. *Missed*: more. Times are by the wall clock, from the node's acceptance of the first bad transaction.

${theftsTable(results)}

Against every key at once (R04 to R10, R14, R17) the first transaction decides: what it takes is lost, at most what is hot; what it leaves goes home. Nothing but a smaller hot wallet makes that number smaller.

On Ethereum (R11) each asset goes home by an execution of its own, and a thief who pays more for gas has the Safe’s next number in every block. Ours asks for the same as he does, for home, so that what stands behind passes whoever wins ([0038](decisions/0038-the-race-for-a-safes-numbers.md)): he has what he is the first to ask for. No owner’s place becomes his, for the Safe’s guard lets in its spares alone ([0039](decisions/0039-only-spares-become-owners.md)): else his first number would end it, and all that is hot be his. Sent at once, everything that is hot is his in one block.

On Litecoin (R06, R08) all that is still free goes home by one transaction, within seconds, and a block takes it before the thief's next step. What he lets be replaced is taken back as well, for a higher fee: up to the rule's cap, and up to half of what it saves where his own transaction is the evidence. What he does not is his. What goes home says that nothing may take its place, so where nodes go by that, as here, his higher fee is refused (kucoin-outbids); where they replace whatever pays more, the two bid, and he keeps what he does not pay ([0037](decisions/0037-what-goes-home-on-bitcoin.md)).

${notes.join('\n')}

## What each defence buys

${ablated === '' ? 'Not measured in this run.' : ablated}

${Object.entries(defences)
  .map(([name, off]) => `* no ${name}: ${off}.`)
  .join('\n')}

## What was replayed

${markdownTable(['vector', 'drill', 'after', 'scaled', 'defences that it meets'], told)}

## The human record

Minutes from the first bad transaction, as reported.

${markdownTable(
  ['case', 'noticed', 'signing stopped', 'contained'],
  human.map((row) => [...row]),
  new Set([1, 2, 3]),
)}
`;
}

/** KEY: the thief signs outside our system, and sweeps coins of the hot wallet, many in one transaction. */
import { formatAmount, LTC, parseAmount } from '@kuramori/core';
import { pause } from '../../house/chain.ts';
import type { LitecoinScene } from '../thefts/drill.ts';
import type { HotCoin } from './stage.ts';
import { stealSecrets, take } from './thief.ts';

/** Units per virtual byte: twice what watchtowers pay where no node has an estimate. */
const rate = 100n;
/** Of a 2-of-3's input, and of all else. */
const [inputSize, restSize] = [110n, 60n];

/** What a fee at his rate is for so many coins. */
const feeFor = (coins: number) => rate * (inputSize * BigInt(coins) + restSize);

/** One key of the two that it takes: he signs, the node refuses what is signed by one, and he tries it by halves. */
export async function withOneKey(scene: LitecoinScene): Promise<void> {
  const secrets = stealSecrets(scene, 'one');
  const coins = await scene.freeCoins();
  for (const some of [coins.slice(0, 1), coins]) {
    const sent = await take(scene, secrets, {
      coins: some,
      to: scene.purse(),
      fees: feeFor(some.length),
      final: true,
    });
    scene.note(
      `one key, ${some.length === 1 ? 'one coin' : `${some.length} coins`}: ${sent.kind === 'sent' ? 'TAKEN' : sent.why}`,
    );
  }
}

/** When a block has just come: on Litecoin the next one is two and a half minutes away on average, and here only seconds. */
async function comes(scene: LitecoinScene): Promise<readonly HotCoin[]> {
  await scene.nextBlock();
  return scene.freeCoins();
}

/**
 * KuCoin: an eighth of the coins in each block, by a wallet's software that lets a transaction be replaced, as most do. He listed
 * the coins when he came, and goes on through his list.
 */
export async function anEighthInEachBlock(scene: LitecoinScene): Promise<void> {
  const secrets = stealSecrets(scene, 'all');
  const coins = await comes(scene);
  const [parts, refusals] = [8, new Map<string, number>()];
  for (let part = 0; part < parts; part += 1) {
    const some = coins.slice((coins.length * part) / parts, (coins.length * (part + 1)) / parts);
    const sent = await take(scene, secrets, {
      coins: some,
      to: scene.purse(),
      fees: feeFor(some.length),
      final: false,
    });
    if (sent.kind === 'refused') refusals.set(sent.why, (refusals.get(sent.why) ?? 0) + 1);
    if (part < parts - 1) await scene.nextBlock();
  }
  for (const [why, count] of refusals) scene.note(`${count} of ${parts} refused by the node: ${why}`);
}

/** More than a rule of ours lets any transaction pay. */
const ruinous = parseAmount('0.1', LTC);

/**
 * The same thief, who looks: he takes an eighth, sees the rest on its way home, and takes that as well, by one transaction in the place
 * of ours, for a fee that no rule pays, and says that nothing may take its place.
 */
export async function outbidding(scene: LitecoinScene): Promise<void> {
  const secrets = stealSecrets(scene, 'all');
  const coins = await comes(scene);
  const eighth = coins.slice(0, coins.length / 8);
  await take(scene, secrets, {
    coins: eighth,
    to: scene.purse(),
    fees: feeFor(eighth.length),
    final: true,
  });
  const rest = coins.slice(eighth.length);
  // Until what is on its way home has reached his node, and it is a little late.
  for (let looks = 0; looks < 20 && (await scene.freeCoins()).length > 0; looks += 1) await pause(500);
  const sent = await take(scene, secrets, { coins: rest, to: scene.purse(), fees: ruinous, final: true });
  scene.note(
    `the rest, for ${formatAmount(ruinous, LTC)} LTC in fees: ${sent.kind === 'sent' ? 'the node took it' : sent.why}`,
  );
}

/** Ronin: 19 coins of 20 in one transaction that nothing may replace, and in the next block what is left. */
export async function twoTransactions(scene: LitecoinScene): Promise<void> {
  const secrets = stealSecrets(scene, 'all');
  const coins = await comes(scene);
  const most = coins.slice(0, (coins.length * 19) / 20);
  const purse = scene.purse();
  await take(scene, secrets, { coins: most, to: purse, fees: feeFor(most.length), final: true });
  await scene.nextBlock();
  const left = await scene.freeCoins();
  if (left.length === 0) return scene.note('a block later there is nothing left that he could take');
  const sent = await take(scene, secrets, {
    coins: left,
    to: purse,
    fees: feeFor(left.length),
    final: true,
  });
  if (sent.kind === 'refused') scene.note(`what was left: ${sent.why}`);
}

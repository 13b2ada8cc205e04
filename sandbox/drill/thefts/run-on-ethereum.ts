/** Runs one drill against Safes, with all its defences or without one, and says what it came to. */
import { ETH, formatAmount, parseAmount } from '@kuramori/core';
import { setEthereumStage, type EthereumMeasured } from '../ethereum/stage.ts';
import { hotShare } from '../run-row.ts';
import { defences, type Defence } from './defences.ts';
import type { EthereumDrill } from './drill.ts';
import { resultOn, type Result } from './result.ts';

/** Of the coin, and of each token as many units. */
const whole = parseAmount('4000', ETH);

export async function runOnEthereum(
  drill: EthereumDrill,
  without: Defence | null,
  folder: string,
  say: (text: string) => void,
): Promise<Result> {
  const began = performance.now();
  const has = (defence: Defence) => defence !== without;
  const hot = has('cold') ? whole / hotShare.of : whole;
  const notes: string[] = [];
  const watched = has('watchtower');
  await using stage = await setEthereumStage({
    folder,
    step: say,
    stock: { hot, cold: whole - hot, tokens: drill.tokens },
    // What a thief takes of custody is its place before the signers: it need not run for that.
    plan: {
      towers: 3,
      evacuates: has('evacuation'),
      watchtower: watched,
      pager: watched,
      custody: false,
      ...drill.plan,
    },
  });
  say(`the thief comes${without === null ? '' : `, and ${defences[without].split(';')[0]}`}`);
  const note = (text: string) => {
    notes.push(text);
    say(text);
  };
  await drill.attack({ ...stage, has, step: say, note });
  const measured = await stage.measure();
  if (measured.taken > 0) note(taken(measured));
  const left = { ...measured, lost: measured.stolen };
  return resultOn(drill, without, left, stage.house, notes, began);
}

function taken({ purses, taken: sent, through }: EthereumMeasured): string {
  const tokens = [...purses].filter(([asset, units]) => asset !== ETH && units > 0n).length;
  const coins = formatAmount(purses.get(ETH) ?? 0n, ETH);
  return `${through} of his ${sent} executions passed; ${tokens} of ${purses.size - 1} tokens and ${coins} ETH are his`;
}

/** Runs one drill with all its defences, or with some of them off, and says what it came to. */
import { formatAmount, signerRoutes, XEM } from '@kuramori/core';
import { call } from '@kuramori/chains/http';
import type { House } from '../../house/house.ts';
import { whereOf } from '../../house/rooms.ts';
import { hotShare, verdictOf, wholeOf } from '../run-row.ts';
import { incidentLines, setStage } from '../stage.ts';
import { readTheft } from '../theft.ts';
import { defences, planWith, type Defence } from './defences.ts';
import type { Drill, NemDrill } from './drill.ts';
import { pagesOf, share, type Result } from './result.ts';
import { runOnEthereum } from './run-on-ethereum.ts';
import { runOnLitecoin } from './run-on-litecoin.ts';

export function runDrill(
  drill: Drill,
  without: Defence | null,
  folder: string,
  say: (text: string) => void,
): Promise<Result> {
  if (drill.chain === 'ethereum') return runOnEthereum(drill, without, folder, say);
  if (drill.chain === 'litecoin') return runOnLitecoin(drill, without, folder, say);
  return runOnNem(drill, without, folder, say);
}

async function runOnNem(
  drill: NemDrill,
  without: Defence | null,
  folder: string,
  say: (text: string) => void,
): Promise<Result> {
  const began = performance.now();
  const theft = readTheft();
  const has = (defence: Defence) => defence !== without;
  const whole = wholeOf(theft);
  const hot = has('cold') ? whole / hotShare.of : whole;
  const notes: string[] = [];
  const usual = planWith(has);
  // Where nobody watches, no signer signs for custody: only thieves with keys of their own get through.
  const watched = has('watchtower') || drill.kind === 'PATH';
  await using stage = await setStage({
    folder,
    step: say,
    begins: theft.transfers[0]?.at ?? 0,
    hot,
    cold: whole - hot,
    wallet: has('multisig') ? (drill.wallet ?? 'multisig') : 'single-key',
    plan: {
      ...usual,
      ...drill.plan,
      watchtower: watched,
      pager: watched,
      custody: watched && has('multisig') && (drill.plan?.custody ?? true),
      ...(drill.approvals && usual.rule ? { rule: { ...usual.rule, approvals: drill.approvals } } : {}),
    },
  });
  say(`the thief comes${without === null ? '' : `, and ${defences[without].split(';')[0]}`}`);
  await drill.attack({
    ...stage,
    hot,
    whole,
    has,
    step: say,
    note: (text) => {
      notes.push(text);
      say(text);
    },
  });
  const measured = await stage.measure();
  const lost = measured.stolen + measured.burnt;
  const honest = drill.kind === 'WEAPON' || drill.kind === 'HONEST';
  const falseFreezes = honest ? await falselyFrozen(stage.house, drill) : 0;
  return {
    id: drill.id,
    drill: drill.name,
    kind: drill.kind,
    without,
    verdict: honest ? (falseFreezes === 0 ? 'stopped' : 'missed') : verdictOf(lost, whole),
    stolenShareOfWallet: honest ? 0 : share(lost, hot),
    stolenShareOfAll: honest ? 0 : share(lost, whole),
    stolenXem: formatAmount(honest ? 0n : lost, XEM),
    firstAlarmMs: measured.firstAlarmMs,
    signersRefusingMs: measured.signingStoppedMs,
    evacuatedShare: share(measured.evacuated, hot),
    pages: pagesOf(stage.house),
    falseFreezes,
    notes,
    seconds: Math.round((performance.now() - began) / 1000),
  };
}

/** Alarms that no theft was behind, or else whether anybody is still frozen. */
async function falselyFrozen(house: House, drill: NemDrill): Promise<number> {
  const alarms = drill.stopsOnce
    ? 0
    : incidentLines(house).filter(({ event }) => event === 'alarm: frozen').length;
  const statuses = await Promise.all(
    house.deed.signers.map(({ id }) => call(whereOf(house.plan, id), signerRoutes.status, {})),
  );
  const stands = statuses.some((one) => one.kind !== 'status' || one.frozen !== null);
  return Math.max(alarms, stands ? 1 : 0);
}

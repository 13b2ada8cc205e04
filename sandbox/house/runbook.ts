/** The runbook of a sandbox: the usual one, with stages as short as the plan says, so that a reopening can be watched. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { usualRunbook } from '@kuramori/custody';
import { replaceFile } from '@kuramori/program';
import type { HousePlan } from './plan.ts';
import { runbookFile } from './rooms.ts';

export function writeRunbook(plan: HousePlan): void {
  const { usual, ...rest } = usualRunbook;
  const reopen = usual.reopen.map((stage) => ({
    ...stage,
    minutes: Math.min(stage.minutes, plan.stageMinutes),
  }));
  const runbook = { ...rest, usual: { ...usual, reopen } };
  mkdirSync(dirname(runbookFile(plan)), { recursive: true, mode: 0o700 });
  replaceFile(runbookFile(plan), `${JSON.stringify(runbook, null, 2)}\n`);
}
